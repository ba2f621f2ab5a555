import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { type SweepSummary, sweepRooms } from '../lib/sweeping/sweep-rooms.ts';
import { sweepServicesFrom } from '../lib/sweeping/sweep-services.ts';

const services = sweepServicesFrom(process.env);

/** On a schedule: looks for rooms that the ledger does not own. */
export const handler = middy({ timeoutEarlyInMillis: 0 }) // as in provision-rooms
  .use(injectLambdaContext(services.log))
  .handler((_event: unknown, context: Context): Promise<SweepSummary> => sweepRooms(context, services));
