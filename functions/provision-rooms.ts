import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { createAwsClients } from '../lib/platform/aws-clients.ts';
import { systemClock } from '../lib/platform/clock.ts';
import { readConfig } from '../lib/platform/config.ts';
import { createLogger } from '../lib/platform/log.ts';
import { processBatch } from '../lib/provisioning/process-batch.ts';
import { createServices } from '../lib/provisioning/services.ts';

const config = readConfig(process.env);
const log = createLogger();
const services = createServices({
  config,
  log,
  clients: createAwsClients(config),
  clock: systemClock,
  random: Math.random,
});

/** Room requests of both lanes: one room per key, one completion per request. */
export const handler = middy({
  // middy would answer a little before the time-out without waiting for the work, which would go on in the next invocation.
  timeoutEarlyInMillis: 0,
})
  .use(injectLambdaContext(log))
  .handler((event: unknown, context: Context): Promise<SQSBatchResponse> => processBatch(event, context, services));
