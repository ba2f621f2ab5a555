import { createHandler } from '../lib/platform/handler.ts';
import { sweepRooms } from '../lib/sweeping/sweep-rooms.ts';
import { sweepServicesFrom } from '../lib/sweeping/sweep-services.ts';

const services = sweepServicesFrom(process.env);

/** Runs on a schedule, and looks for rooms that the ledger does not own. */
export const handler = createHandler(services.log, (_event, context) => sweepRooms(context, services));
