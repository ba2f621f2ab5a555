import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { warmUp } from '../lib/platform/warm-up.ts';
import { processBatch } from '../lib/provisioning/process-batch.ts';
import { servicesFrom } from '../lib/provisioning/services.ts';

const services = servicesFrom(process.env);
const warm = warmUp(services.clients, services.config.defaultRegion);

/** Room requests of both lanes: one room per key, one completion per request. */
export const handler = middy({
  // middy would answer a little before the time-out without waiting for the work, which would go on in the next invocation.
  timeoutEarlyInMillis: 0,
})
  .use(injectLambdaContext(services.log))
  .handler(async (event: unknown, context: Context): Promise<SQSBatchResponse> => {
    await warm;
    return processBatch(event, context, services);
  });
