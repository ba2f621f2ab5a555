import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { processBatch } from '../lib/provisioning/process-batch.ts';
import { servicesFrom } from '../lib/provisioning/services.ts';

const services = servicesFrom(process.env);

/** Room requests of both lanes: one room per key, one completion per request. */
export const handler = middy({
  // middy would answer a little before the time-out without waiting for the work, which would go on in the next invocation.
  timeoutEarlyInMillis: 0,
})
  .use(injectLambdaContext(services.log))
  .handler((event: unknown, context: Context): Promise<SQSBatchResponse> => processBatch(event, context, services));
