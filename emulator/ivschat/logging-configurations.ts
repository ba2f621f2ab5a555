import * as z from 'zod';
import { tagsSchema } from './tags.ts';

/** Exactly one of the three is set; the validator checks that. */
export const destinationSchema = z.object({
  s3: z.object({ bucketName: z.string() }).optional(),
  cloudWatchLogs: z.object({ logGroupName: z.string() }).optional(),
  firehose: z.object({ deliveryStreamName: z.string() }).optional(),
});

/** A logging configuration as GetLoggingConfiguration returns it. It is stored in the same form. */
export const loggingConfigurationSchema = z.object({
  arn: z.string(),
  id: z.string(),
  name: z.string(),
  createTime: z.string(),
  updateTime: z.string(),
  destinationConfiguration: destinationSchema,
  /** The emulator provisions nothing, so a configuration is never in one of the transitional states. */
  state: z.literal('ACTIVE'),
  tags: tagsSchema,
});

export type LoggingConfiguration = z.infer<typeof loggingConfigurationSchema>;

const ARN = /^arn:aws:ivschat:([a-z0-9-]+):\d+:logging-configuration\/([a-zA-Z0-9-]+)$/;

/**
 * A logging configuration with this ARN, and the region that the ARN names.
 * @throws Error if this is not the ARN of a logging configuration
 */
export function configurationOf(arn: string, nowMs: number): { region: string; configuration: LoggingConfiguration } {
  const [, region, id] = ARN.exec(arn) ?? [];
  if (region === undefined || id === undefined) throw new Error(`${arn} is not the ARN of a logging configuration`);
  const time = new Date(nowMs).toISOString();
  const destinationConfiguration = { cloudWatchLogs: { logGroupName: `/greenroom/${id}` } };
  return {
    region,
    configuration: {
      arn,
      id,
      name: id,
      createTime: time,
      updateTime: time,
      destinationConfiguration,
      state: 'ACTIVE',
      tags: {},
    },
  };
}
