import { createHandler } from '../lib/platform/handler.ts';
import { processBatch } from '../lib/provisioning/process-batch.ts';
import { servicesFrom } from '../lib/provisioning/services.ts';

const services = servicesFrom(process.env);

/** Dead letters of both lanes: the same protocol, no new room, one completion per request; then each is parked. */
export const handler = createHandler(services.log, (event, context) =>
  processBatch(event, context, services, { deadLetters: true }),
);
