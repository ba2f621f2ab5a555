import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { bulkServicesFrom } from '../lib/bulk/bulk-services.ts';
import { startBulkJobs } from '../lib/bulk/start-bulk-jobs.ts';

const services = bulkServicesFrom(process.env);

/** Manifests put into the bucket: each becomes one bulk job, and each of its rows a room request. */
export const handler = middy({ timeoutEarlyInMillis: 0 }) // as in provision-rooms
  .use(injectLambdaContext(services.log))
  .handler((event: unknown, context: Context): Promise<SQSBatchResponse> => startBulkJobs(event, context, services));
