import * as z from 'zod';
import { kind, numeric } from './kind.ts';

/** The limits are those of https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html */
const invokeConfigProperties = z.strictObject({
  FunctionName: z.string(),
  Qualifier: z.literal('$LATEST'),
  MaximumRetryAttempts: numeric.pipe(z.int().min(0).max(2)).default(2),
  MaximumEventAgeInSeconds: numeric.pipe(z.int().min(60).max(21_600)).default(21_600),
  // Destinations are not supported.
  DestinationConfig: z.strictObject({}).optional(),
});

/** How Lambda repeats the asynchronous invocations of a function. */
export const makeEventInvokeConfig = kind(invokeConfigProperties, async (logicalId, properties, { functions }) => {
  const { FunctionName, MaximumRetryAttempts: retries, MaximumEventAgeInSeconds: ageSeconds } = properties;
  const index = functions.findIndex(({ name }) => name === FunctionName);
  const definition = functions[index];
  if (definition === undefined) throw new Error(`${logicalId} is for ${FunctionName}, which is not a function`);
  functions[index] = { ...definition, asynchronous: { retries, maxAgeMs: ageSeconds * 1_000 } };
  return { ref: logicalId, attributes: {} };
});
