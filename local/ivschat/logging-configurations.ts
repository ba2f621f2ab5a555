import * as z from 'zod';
import { tagsSchema } from './tags.ts';

/** Exactly one of the three is set; the validator sees to that. */
export const destinationSchema = z.object({
  s3: z.object({ bucketName: z.string() }).optional(),
  cloudWatchLogs: z.object({ logGroupName: z.string() }).optional(),
  firehose: z.object({ deliveryStreamName: z.string() }).optional(),
});

/** A logging configuration as GetLoggingConfiguration answers it, which is also how it is stored. */
export const loggingConfigurationSchema = z.object({
  arn: z.string(),
  id: z.string(),
  name: z.string(),
  createTime: z.string(),
  updateTime: z.string(),
  destinationConfiguration: destinationSchema,
  /** Nothing is provisioned behind it, so it is never in one of the transitional states. */
  state: z.literal('ACTIVE'),
  tags: tagsSchema,
});

export type LoggingConfiguration = z.infer<typeof loggingConfigurationSchema>;
