import { liveEventServicesFrom } from '../lib/live-events/live-event-services.ts';
import { scheduleLiveEvents } from '../lib/live-events/schedule-live-events.ts';
import { createHandler } from '../lib/platform/handler.ts';

const services = liveEventServicesFrom(process.env);

/** Live events, and the schedules' word that a moment of one has come: rooms stand when the show begins, or it is said in time. */
export const handler = createHandler(services.log, (event, context) => scheduleLiveEvents(event, context, services));
