import { createHandler } from '../lib/platform/handler.ts';
import { processBatch } from '../lib/provisioning/process-batch.ts';
import { servicesFrom } from '../lib/provisioning/services.ts';

const services = servicesFrom(process.env);

/** Handles the dead letters of both lanes with the protocol of `provision-rooms`, but creates no rooms. Answered messages are parked. */
export const handler = createHandler(services.log, (event, context) =>
  processBatch(event, context, services, { deadLetters: true }),
);
