import { bulkServicesFrom } from '../lib/bulk/bulk-services.ts';
import { startBulkJobs } from '../lib/bulk/start-bulk-jobs.ts';
import { createHandler } from '../lib/platform/handler.ts';

const services = bulkServicesFrom(process.env);

/** Handles the notices of new manifests. Each manifest becomes one bulk job, and each of its rows becomes a room request. */
export const handler = createHandler(services.log, (event, context) => startBulkJobs(event, context, services));
