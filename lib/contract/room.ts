import * as z from 'zod';
import { MAX_ENTRIES_CHECKED, tagsSchema } from './tags.ts';
import { expected, text } from './text.ts';

const MAX_LOGGING_CONFIGURATIONS = 3;
const TOO_MANY_LOGGING_CONFIGURATIONS = `may list at most ${MAX_LOGGING_CONFIGURATIONS} logging configurations`;
const LAMBDA_ARN = /^(arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:.+)?$/u;
const LOGGING_CONFIGURATION_ARN = /^arn:aws:ivschat:[a-z0-9-]+:[0-9]+:logging-configuration\/[a-zA-Z0-9-]+$/;

/** CreateRoom's input, with every constraint of the service model. The error names each unknown field. */
export const roomSchema = z.strictObject(
  {
    name: text(0, 128)
      .regex(/^[a-zA-Z0-9_-]*$/, 'may contain only letters a-z and A-Z, digits, "-" and "_"')
      .exactOptional(),
    maximumMessageRatePerSecond: wholeNumber(1, 100).exactOptional(),
    maximumMessageLength: wholeNumber(1, 500).exactOptional(),
    messageReviewHandler: z
      .strictObject(
        {
          uri: text(0, 170)
            .regex(LAMBDA_ARN, 'must be the ARN of a Lambda function: arn:aws:lambda:REGION:ACCOUNT:function:NAME')
            .exactOptional(),
          fallbackResult: z.enum(['ALLOW', 'DENY'], { error: expected('ALLOW or DENY') }).exactOptional(),
        },
        { error: expected('an object') },
      )
      .exactOptional(),
    tags: tagsSchema.exactOptional(),
    loggingConfigurationIdentifiers: z
      .array(
        text(1, 128).regex(
          LOGGING_CONFIGURATION_ARN,
          'must be the ARN of a logging configuration: arn:aws:ivschat:REGION:ACCOUNT:logging-configuration/ID',
        ),
        { error: expected('a list of strings') },
      )
      // In a longer list, only the length is reported. In a list that is only slightly too long, every entry is still checked.
      .max(MAX_ENTRIES_CHECKED, TOO_MANY_LOGGING_CONFIGURATIONS)
      .refine((list) => list.length <= MAX_LOGGING_CONFIGURATIONS, TOO_MANY_LOGGING_CONFIGURATIONS)
      .meta({ maxItems: MAX_LOGGING_CONFIGURATIONS })
      .exactOptional(),
  },
  { error: expected('an object: the CreateRoom request; {} requests a room with all defaults') },
);

export type Room = z.infer<typeof roomSchema>;

/**
 * CreateRoom's response as plain JSON: times are ISO 8601 strings. The service model requires none of its members, but
 * a response without an ARN is useless. Members that a later service model adds are kept.
 */
export const provisionedRoomSchema = z.looseObject({
  arn: z.string().min(1),
  id: z.string().optional(),
  name: z.string().optional(),
  createTime: z.iso.datetime().optional(),
  updateTime: z.iso.datetime().optional(),
  maximumMessageRatePerSecond: z.int().optional(),
  maximumMessageLength: z.int().optional(),
  messageReviewHandler: z.looseObject({ uri: z.string().optional(), fallbackResult: z.string().optional() }).optional(),
  tags: z.record(z.string(), z.string()).optional(),
  loggingConfigurationIdentifiers: z.array(z.string()).optional(),
});

export type ProvisionedRoom = z.infer<typeof provisionedRoomSchema>;

function wholeNumber(min: number, max: number): z.ZodInt {
  const error = expected(`a whole number from ${min} to ${max}`);
  const typeError = (issue: { input?: unknown }) =>
    typeof issue.input === 'string' && /^\d+$/.test(issue.input) ? `${error(issue)}, without quotes` : error(issue);
  return z.int({ error: typeError }).min(min, { error }).max(max, { error });
}
