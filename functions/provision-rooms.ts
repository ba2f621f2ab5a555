import { createHandler } from '../lib/platform/handler.ts';
import { warmUp } from '../lib/platform/warm-up.ts';
import { processBatch } from '../lib/provisioning/process-batch.ts';
import { servicesFrom } from '../lib/provisioning/services.ts';

const services = servicesFrom(process.env);
const warm = warmUp(services.clients, services.config.defaultRegion);

/** Handles the room requests of both lanes and of the redrive queue: one room per key, one completion per request. */
export const handler = createHandler(services.log, async (event, context) => {
  await warm;
  return processBatch(event, context, services);
});
