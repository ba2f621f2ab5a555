import { liveEventServicesFrom } from '../lib/live-events/live-event-services.ts';
import { scheduleLiveEvents } from '../lib/live-events/schedule-live-events.ts';
import { createHandler } from '../lib/platform/handler.ts';

const services = liveEventServicesFrom(process.env);

/**
 * Handles live events and the reminders from their schedules. Requests the rooms of each event before it starts, and publishes a warning
 * before the start if they will not exist in time.
 */
export const handler = createHandler(services.log, (event, context) => scheduleLiveEvents(event, context, services));
