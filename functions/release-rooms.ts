import { createHandler } from '../lib/platform/handler.ts';
import { releaseRooms } from '../lib/releasing/release-rooms.ts';
import { releaseServicesFrom } from '../lib/releasing/release-services.ts';

const services = releaseServicesFrom(process.env);

/** Runs every minute. Deletes the rooms whose release is due, and announces each deletion. */
export const handler = createHandler(services.log, (_event, context) => releaseRooms(context, services));
