import { createHandler } from '../lib/platform/handler.ts';
import { processBatch } from '../lib/provisioning/process-batch.ts';
import { servicesFrom } from '../lib/provisioning/services.ts';

const services = servicesFrom(process.env);

/** Handles dead letters of both lanes: the same protocol without new rooms, one completion per request. Then each message is parked. */
export const handler = createHandler(services.log, (event, context) =>
  processBatch(event, context, services, { deadLetters: true }),
);
