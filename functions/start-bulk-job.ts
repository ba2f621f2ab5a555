import { bulkServicesFrom } from '../lib/bulk/bulk-services.ts';
import { startBulkJobs } from '../lib/bulk/start-bulk-jobs.ts';
import { createHandler } from '../lib/platform/handler.ts';

const services = bulkServicesFrom(process.env);

/** Handles the notices of new manifests. Creates one bulk job for each manifest, and sends a room request for each of its rows. */
export const handler = createHandler(services.log, (event, context) => startBulkJobs(event, context, services));
