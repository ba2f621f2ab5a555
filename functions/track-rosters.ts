import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { trackRosters } from '../lib/rosters/track-rosters.ts';
import { trackingServicesFrom } from '../lib/rosters/tracking-services.ts';

const services = trackingServicesFrom(process.env);

/** Completions of bulk jobs and live events: each member is counted once, and a complete roster is reported on. */
export const handler = middy({ timeoutEarlyInMillis: 0 }) // as in provision-rooms
  .use(injectLambdaContext(services.log))
  .handler((event: unknown, context: Context): Promise<SQSBatchResponse> => trackRosters(event, context, services));
