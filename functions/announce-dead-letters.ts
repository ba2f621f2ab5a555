import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { processBatch } from '../lib/provisioning/process-batch.ts';
import { servicesFrom } from '../lib/provisioning/services.ts';

const services = servicesFrom(process.env);

/** Dead letters of both lanes: the same protocol, no new room, one completion per request; then each is parked. */
export const handler = middy({ timeoutEarlyInMillis: 0 }) // as in provision-rooms
  .use(injectLambdaContext(services.log))
  .handler(
    (event: unknown, context: Context): Promise<SQSBatchResponse> =>
      processBatch(event, context, services, { deadLetters: true }),
  );
