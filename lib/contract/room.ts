import * as z from 'zod/mini';
import { about } from './about.ts';
import { MAX_ENTRIES_CHECKED, tagsSchema } from './tags.ts';
import { expected, text } from './text.ts';

const MAX_LOGGING_CONFIGURATIONS = 3;
const TOO_MANY_LOGGING_CONFIGURATIONS = `may list at most ${MAX_LOGGING_CONFIGURATIONS} logging configurations`;
const LAMBDA_ARN = /^(arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:.+)?$/u;
const LOGGING_CONFIGURATION_ARN = /^arn:aws:ivschat:[a-z0-9-]+:[0-9]+:logging-configuration\/[a-zA-Z0-9-]+$/;

/** CreateRoom's input, with every constraint of the service model. The error names each unknown field. */
export const roomSchema = z.strictObject(
  {
    name: z.exactOptional(
      text(0, 128).check(z.regex(/^[a-zA-Z0-9_-]*$/, 'may contain only letters a-z and A-Z, digits, "-" and "_"')),
    ),
    maximumMessageRatePerSecond: z.exactOptional(wholeNumber(1, 100)),
    maximumMessageLength: z.exactOptional(wholeNumber(1, 500)),
    messageReviewHandler: z.exactOptional(
      z.strictObject(
        {
          uri: z.exactOptional(
            text(0, 170).check(
              z.regex(LAMBDA_ARN, 'must be the ARN of a Lambda function: arn:aws:lambda:REGION:ACCOUNT:function:NAME'),
            ),
          ),
          fallbackResult: z.exactOptional(z.enum(['ALLOW', 'DENY'], { error: expected('ALLOW or DENY') })),
        },
        { error: expected('an object') },
      ),
    ),
    tags: z.exactOptional(tagsSchema),
    loggingConfigurationIdentifiers: z.exactOptional(
      about(
        z
          .array(
            text(1, 128).check(
              z.regex(
                LOGGING_CONFIGURATION_ARN,
                'must be the ARN of a logging configuration: arn:aws:ivschat:REGION:ACCOUNT:logging-configuration/ID',
              ),
            ),
            { error: expected('a list of strings') },
          )
          .check(
            z.maxLength(MAX_ENTRIES_CHECKED, TOO_MANY_LOGGING_CONFIGURATIONS),
            z.refine((list) => list.length <= MAX_LOGGING_CONFIGURATIONS, TOO_MANY_LOGGING_CONFIGURATIONS),
          ),
        { maxItems: MAX_LOGGING_CONFIGURATIONS },
      ),
    ),
  },
  { error: expected('an object: the CreateRoom request; {} requests a room with all defaults') },
);

export type Room = z.infer<typeof roomSchema>;

/**
 * CreateRoom's response as plain JSON: times are ISO 8601 strings. The service model requires none of its members, but
 * a response without an ARN is useless. Members that a later service model adds are kept.
 */
export const provisionedRoomSchema = z.looseObject({
  arn: z.string().check(z.minLength(1)),
  id: z.optional(z.string()),
  name: z.optional(z.string()),
  createTime: z.optional(z.iso.datetime()),
  updateTime: z.optional(z.iso.datetime()),
  maximumMessageRatePerSecond: z.optional(z.int()),
  maximumMessageLength: z.optional(z.int()),
  messageReviewHandler: z.optional(
    z.looseObject({ uri: z.optional(z.string()), fallbackResult: z.optional(z.string()) }),
  ),
  tags: z.optional(z.record(z.string(), z.string())),
  loggingConfigurationIdentifiers: z.optional(z.array(z.string())),
});

export type ProvisionedRoom = z.infer<typeof provisionedRoomSchema>;

function wholeNumber(min: number, max: number): z.ZodMiniNumberFormat {
  const error = expected(`a whole number from ${min} to ${max}`);
  const typeError = (issue: { input?: unknown }) =>
    typeof issue.input === 'string' && /^\d+$/.test(issue.input) ? `${error(issue)}, without quotes` : error(issue);
  return z.int({ error: typeError }).check(z.minimum(min, { error }), z.maximum(max, { error }));
}
