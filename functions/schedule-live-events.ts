import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { liveEventServicesFrom } from '../lib/live-events/live-event-services.ts';
import { scheduleLiveEvents } from '../lib/live-events/schedule-live-events.ts';

const services = liveEventServicesFrom(process.env);

/** Live events, and the schedules' word that a moment of one has come: rooms stand when the show begins, or it is said in time. */
export const handler = middy({ timeoutEarlyInMillis: 0 }) // as in provision-rooms
  .use(injectLambdaContext(services.log))
  .handler(
    (event: unknown, context: Context): Promise<SQSBatchResponse> => scheduleLiveEvents(event, context, services),
  );
