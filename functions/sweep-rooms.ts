import { createHandler } from '../lib/platform/handler.ts';
import { sweepRooms } from '../lib/sweeping/sweep-rooms.ts';
import { sweepServicesFrom } from '../lib/sweeping/sweep-services.ts';

const services = sweepServicesFrom(process.env);

/** Runs on a schedule. Compares the existing rooms with the ledger, reports extra rooms, and deletes them if it is configured to. */
export const handler = createHandler(services.log, (_event, context) => sweepRooms(context, services));
