import { createHandler } from '../lib/platform/handler.ts';
import { trackRosters } from '../lib/rosters/track-rosters.ts';
import { trackingServicesFrom } from '../lib/rosters/tracking-services.ts';

const services = trackingServicesFrom(process.env);

/** Completions of bulk jobs and live events: each member is counted once, and a complete roster is reported on. */
export const handler = createHandler(services.log, (event, context) => trackRosters(event, context, services));
