import type { Context } from 'aws-lambda';
import { LIVE_EVENT_DUE } from '../contract/live-event-message.ts';
import { reminderMessage } from '../contract/live-event-reminder.ts';
import { withDeadline } from '../platform/deadline.ts';
import { sendAllMessages } from '../platform/send-messages.ts';
import { type Attempts, createAttempts } from './attempts.ts';
import { SCHEDULER_LATE_MS } from './event-times.ts';
import { type ListedEvent, listEvents } from './listed-events.ts';
import type { LiveEventServices } from './live-event-services.ts';
import { isOverdue, overdueOfPending, type Reminder, remindersAhead, remindersToExamine } from './lost-reminders.ts';
import { readLiveEventItem } from './read-live-event-item.ts';
import { WANTED_AFTER_START_MS } from './request-rooms.ts';
import { armIfMissing, disarm } from './schedules.ts';

/** The results of one run. */
export interface RearmSummary {
  /** The number of events with an overdue opening or check. This run sent their reminders. */
  overdue: number;
  /** The number of schedules that were examined. */
  examined: number;
  /** The number of these schedules that were missing and were set again. */
  rearmed: number;
  /** The number of schedules that this run should have examined but left for the next run. */
  left: number;
}

/**
 * The number of calls that are in flight at the same time. In some regions CreateSchedule may be called only 250 times a second:
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html
 */
const CALLS_AT_A_TIME = 10;
/** A run reads at most this many events of a state, ordered by start. Later runs reach the others. */
const MAX_EVENTS = 20_000;
const MAX_REMINDERS = 2_000;

/**
 * Restores lost reminders: sends those that should have arrived, and sets the schedules that are missing. Neither step depends on the
 * other. Each opening and check is therefore handled even if no schedule can be set, but a few minutes late. Two runs may overlap, and
 * messages of the same events may be handled during a run.
 * @throws IncompleteEventError if a step failed, and errors from DynamoDB if the events cannot be read. The next run tries again
 */
export function rearmEvents(context: Context, services: LiveEventServices): Promise<RearmSummary> {
  return withDeadline(context, services, (signal) => run(services, signal));
}

async function run(services: LiveEventServices, signal: AbortSignal): Promise<RearmSummary> {
  const { clock, log, meter } = services;
  const nowMs = clock.nowMs();
  const pending = await readAll('pending', nowMs, services);
  const opened = await readAll('opened', nowMs, services);
  const attempts = createAttempts();
  const overdue = [
    ...pending.flatMap((event) => overdueOfPending(event, nowMs)),
    ...(await uncheckedOf(opened, nowMs, attempts, services)),
  ];
  const events = new Set(overdue.map(({ event }) => event.live_event_id)).size;
  meter.noteOverdueReminders(events);
  meter.publish();
  await attempts.try(() => remind(overdue.slice(0, MAX_REMINDERS), services, signal));
  const wanted = [...pending, ...opened].flatMap((event) => remindersAhead(event, nowMs));
  const armed = await rearm(remindersToExamine(wanted, nowMs), attempts, services, signal);
  const summary = { overdue: events, ...armed };
  const error = attempts.failure();
  if (error !== undefined) log.error('Reminders of live events could not be restored', { ...summary, error });
  else if (events + armed.rearmed > 0) log.warn('Reminders of live events were missing', { ...summary });
  else log.info('Examined the reminders of live events', { ...summary });
  attempts.throwIfAny();
  return summary;
}

/** Reads those events in a state for which rooms may still be wanted, ordered by start. */
async function readAll(
  state: ListedEvent['live_state'],
  nowMs: number,
  services: LiveEventServices,
): Promise<ListedEvent[]> {
  const events: ListedEvent[] = [];
  for await (const page of listEvents(state, nowMs - WANTED_AFTER_START_MS, services)) {
    events.push(...page);
    if (events.length >= MAX_EVENTS) break;
  }
  return events;
}

/**
 * The reminders of checks that should have been done but were not. The index does not show whether a check is done, so the events' items
 * are read.
 */
async function uncheckedOf(
  opened: readonly ListedEvent[],
  nowMs: number,
  attempts: Attempts,
  services: LiveEventServices,
): Promise<Reminder[]> {
  const toRead = opened.filter(({ check_at }) => isOverdue(check_at, nowMs));
  const unchecked: Reminder[] = [];
  for (let start = 0; start < toRead.length; start += CALLS_AT_A_TIME) {
    const reading = toRead.slice(start, start + CALLS_AT_A_TIME).map(async (event) => {
      const item = await attempts.try(() => readLiveEventItem(event.live_event_id, services));
      const isOpen = item?.live_state === 'opened' && isOverdue(item.check_at, nowMs);
      if (isOpen && item.checked_revision !== item.revision)
        unchecked.push({ event, occasion: 'check', atMs: item.check_at });
    });
    await Promise.all(reading);
  }
  return unchecked;
}

/** Sends reminders to the queue, as their schedules should have done. */
async function remind(
  reminders: readonly Reminder[],
  { clients, config, clock, random }: LiveEventServices,
  signal: AbortSignal,
): Promise<void> {
  const messages = reminders.map(({ event, occasion }) => {
    const { live_event_id: liveEventId, revision, tenant } = event;
    const reminder = reminderMessage({ type: LIVE_EVENT_DUE, liveEventId, revision, occasion }, timesOf(event));
    return { tenant, body: JSON.stringify(reminder) };
  });
  const settings = { sqs: clients.sqs, queueUrl: config.liveEventsQueue.url, clock, random, signal };
  await sendAllMessages(messages, settings);
}

/** Sets the schedules that are missing, until the invocation runs out of time or no schedule can be set. */
async function rearm(
  reminders: readonly Reminder[],
  attempts: Attempts,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<Omit<RearmSummary, 'overdue'>> {
  let examined = 0;
  let rearmed = 0;
  while (examined < reminders.length && !signal.aborted) {
    const batch = reminders.slice(examined, examined + CALLS_AT_A_TIME);
    const results = await Promise.all(batch.map((each) => attempts.try(() => rearmOne(each, services, signal))));
    const successes = results.filter((wasMissing) => wasMissing !== undefined);
    if (successes.length === 0) break;
    examined += batch.length;
    rearmed += successes.filter((wasMissing) => wasMissing).length;
  }
  return { examined, rearmed, left: reminders.length - examined };
}

/**
 * Sets a schedule unless it exists. The index may lag behind, and another worker may handle the event at the same time. The event's item is
 * therefore read afterwards, to find out whether the new schedule is wanted.
 * @returns whether the schedule was missing
 */
async function rearmOne(reminder: Reminder, services: LiveEventServices, signal: AbortSignal): Promise<boolean> {
  const { event, occasion, atMs } = reminder;
  const reminded = { ...event, times: timesOf(event) };
  const wasMissing = await armIfMissing(reminded, occasion, atMs - SCHEDULER_LATE_MS, services);
  if (!wasMissing) return false;
  const item = await readLiveEventItem(event.live_event_id, services);
  if (item === undefined || item.live_state === 'cancelled') await disarm(event, occasion, services);
  // The new revision may have set its schedules before this older one was set. The reminder makes a worker set the schedules again.
  else if (item.revision !== event.revision) await remind([reminder], services, signal);
  return true;
}

function timesOf({ starts_at, opens_at, check_at }: ListedEvent) {
  return { startsAtMs: starts_at, opensAtMs: opens_at, checkAtMs: check_at };
}
