import { liveEventServicesFrom } from '../lib/live-events/live-event-services.ts';
import { scheduleLiveEvents } from '../lib/live-events/schedule-live-events.ts';
import { createHandler } from '../lib/platform/handler.ts';

const services = liveEventServicesFrom(process.env);

/** Handles live events and the reminders of their schedules: the rooms exist when the event begins, or a warning is published in time. */
export const handler = createHandler(services.log, (event, context) => scheduleLiveEvents(event, context, services));
