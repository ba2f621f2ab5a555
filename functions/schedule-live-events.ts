import type { SQSBatchResponse } from 'aws-lambda';
import { liveEventServicesFrom } from '../lib/live-events/live-event-services.ts';
import { type RearmSummary, rearmEvents } from '../lib/live-events/rearm-events.ts';
import { scheduleLiveEvents } from '../lib/live-events/schedule-live-events.ts';
import { createHandler } from '../lib/platform/handler.ts';
import { isScheduledEvent } from '../lib/platform/scheduled-event.ts';

const services = liveEventServicesFrom(process.env);

/**
 * Handles live events and the reminders from their schedules. Requests the rooms of each event before it starts, and publishes a warning
 * before the start if they will not exist in time. Every five minutes, an EventBridge rule invokes it to restore missing reminders.
 */
export const handler = createHandler<SQSBatchResponse | RearmSummary>(services.log, (event, context) =>
  isScheduledEvent(event) ? rearmEvents(context, services) : scheduleLiveEvents(event, context, services),
);
