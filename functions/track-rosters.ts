import { createHandler } from '../lib/platform/handler.ts';
import { trackRosters } from '../lib/rosters/track-rosters.ts';
import { trackingServicesFrom } from '../lib/rosters/tracking-services.ts';

const services = trackingServicesFrom(process.env);

/** Handles the completions of bulk jobs and live events: counts each member once, and announces complete rosters. */
export const handler = createHandler(services.log, (event, context) => trackRosters(event, context, services));
