import type { LiveEventMessage, LiveEventPlan } from '../contract/live-event-message.ts';
import type { IncomingRecord } from '../platform/incoming-record.ts';
import { parkRecord } from '../platform/park.ts';
import { type Acceptance, acceptRevision, cancelEvent, judge } from './accept-event.ts';
import { advanceEvent } from './advance-event.ts';
import { announceCancellation, announceRefusal } from './announce.ts';
import { applyEvent } from './apply-event.ts';
import { createAttempts } from './attempts.ts';
import { checkEvent } from './check-event.ts';
import { isCheckDue, isNear, justDueUntilMs, timesAhead, timesOf } from './event-times.ts';
import { handOverIfWaiting } from './hand-over.ts';
import type { OpenedEvent, PendingEvent } from './live-event-item.ts';
import type { LiveEventOutcome } from './live-event-outcome.ts';
import type { LiveEventServices } from './live-event-services.ts';
import { readLiveEventItem } from './read-live-event-item.ts';
import { noteRefusal } from './refused-revision.ts';
import { withTimes } from './returns-at.ts';
import { arm } from './schedules.ts';

/**
 * Handles one message about a live event: a revision, a cancellation, or a reminder that the opening or the check is due. A revision or a
 * cancellation is first written to the event's item, because all further steps depend on the item. Then the event is applied (schedules,
 * rooms, announcements). The message is acknowledged after that.
 */
export async function handleLiveEvent(
  message: LiveEventMessage,
  record: IncomingRecord,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<LiveEventOutcome> {
  const handOver = (outcome: LiveEventOutcome, event: { liveEventId: string; revision?: number }) =>
    handOverIfWaiting(outcome, event, record, services, signal);
  switch (message.kind) {
    case 'scheduled':
      return handOver(await handleRevision(message, record, services, signal), message.plan.event);
    case 'cancelled': {
      const item = await cancelEvent(message, services);
      const attempts = createAttempts();
      await attempts.try(() => announceCancellation(item, services));
      await attempts.try(() => applyEvent(item, services, signal));
      attempts.throwIfAny();
      return { kind: 'cancelled' };
    }
    case 'due':
      return handOver(await handleReminder(message, record, services, signal), message);
    case 'invalid':
      return handOver(await handleInvalid(message, record, services, signal), message);
    case 'unparseable':
      await announceRefusal({ problems: message.problems, body: record.body }, services);
      await parkRecord(record, { reason: 'unparseable', detail: 'has no readable id' }, services);
      return { kind: 'parked', reason: 'unparseable' };
  }
}

async function handleRevision(
  message: Extract<LiveEventMessage, { kind: 'scheduled' }>,
  record: IncomingRecord,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<LiveEventOutcome> {
  const { plan, overdue } = message;
  const { liveEventId, revision } = plan.event;
  const named = { liveEventId, revision, hash: plan.hash, body: record.body };
  const accepting =
    overdue.length > 0 ? judgeOverdue(plan, services) : acceptRevision(plan, sentAtMs(message, record), services);
  const acceptance = await accepting;
  switch (acceptance?.kind) {
    case 'accepted':
      return applyEvent(acceptance.item, services, signal);
    case 'older':
      return handleOlder({ ...named, stored: acceptance.revision }, services, signal);
    case 'cancelled': {
      const { item } = acceptance;
      const message = 'was cancelled, and stays cancelled: schedule it under another id';
      const refused = { ...named, problems: [{ path: 'liveEventId', message }], storedAtMs: item.cancelled_at };
      const attempts = createAttempts();
      const refusal =
        revision > item.cancelled_revision ? await attempts.try(() => refuse(refused, services)) : undefined;
      await attempts.try(() => applyEvent(item, services, signal));
      attempts.throwIfAny();
      return refusal ?? { kind: 'ignored', reason: 'cancelled' };
    }
    case 'revision-reused': {
      const problem = { path: 'revision', message: 'was already used for this event with different content: raise it' };
      return refuse({ ...named, problems: [problem], storedAtMs: acceptance.storedAtMs }, services);
    }
    case undefined:
      return refuse({ ...named, problems: overdue }, services);
  }
}

/** Refuses a revision that is lower than the stored one, and applies the event. */
async function handleOlder(
  { stored, ...named }: { liveEventId: string; revision: number; hash: string; body: string; stored: number },
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<LiveEventOutcome> {
  const problems = [{ path: 'revision', message: `is lower than ${stored}, the stored revision` }];
  await noteRefusal({ ...named, problems }, services);
  // An earlier delivery of this message may have set its schedules after those of the newer revision.
  const item = await readLiveEventItem(named.liveEventId, services);
  const outcome = item && (await applyEvent(item, services, signal));
  return outcome?.kind === 'postponed' ? outcome : { kind: 'ignored', reason: 'older' };
}

/** When a revision was sent: the earliest of the times that SQS and the envelopes state. */
function sentAtMs(
  { statedAtMs }: Extract<LiveEventMessage, { kind: 'scheduled' }>,
  { attributes: { SentTimestamp } }: IncomingRecord,
): number {
  return Math.min(SentTimestamp, statedAtMs ?? SentTimestamp);
}

/**
 * Refuses an invalid message, unless the previous version has accepted its revision. Such a message may still be in the queue, and its
 * event is applied as the previous version planned it.
 */
async function handleInvalid(
  invalid: Extract<LiveEventMessage, { kind: 'invalid' }>,
  { body }: IncomingRecord,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<LiveEventOutcome> {
  const item = invalid.hash === undefined ? undefined : await readLiveEventItem(invalid.liveEventId, services);
  const wasAccepted = item !== undefined && item.live_state !== 'cancelled' && item.hash === invalid.hash;
  return wasAccepted ? applyEvent(item, services, signal) : refuse({ ...invalid, body }, services);
}

/**
 * Judges a revision whose start is in the past. It is accepted only if greenroom had already accepted it before its start. It may also be
 * older than the current revision, or the event may be cancelled.
 * @returns undefined if none of these applies
 */
async function judgeOverdue(plan: LiveEventPlan, services: LiveEventServices): Promise<Acceptance | undefined> {
  const item = await readLiveEventItem(plan.event.liveEventId, services);
  return item && (item.live_state === 'cancelled' || item.revision >= plan.event.revision)
    ? judge(plan, item, services)
    : undefined;
}

/** Handles a reminder from a schedule. It may be late, repeated or outdated (the event was moved), so what to do depends on the item. */
async function handleReminder(
  due: Extract<LiveEventMessage, { kind: 'due' }>,
  record: IncomingRecord,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<LiveEventOutcome> {
  const item = await readLiveEventItem(due.liveEventId, services);
  if (item === undefined) return { kind: 'ignored', reason: 'unknown-event' };
  if (item.live_state === 'cancelled') return { kind: 'ignored', reason: 'cancelled' };
  if (due.revision !== item.revision) return applyEvent(item, services, signal);
  const aheadMs = timesAhead(item, services.clock)[due.occasion];
  if (aheadMs !== undefined)
    return isNear(aheadMs, services.clock)
      ? { kind: 'postponed', reason: 'due-soon', untilMs: aheadMs }
      : applyEvent(item, services, signal);
  return withTimes(item, () =>
    due.occasion === 'open'
      ? handleOpeningReminder(item, services, signal)
      : handleCheckReminder(item, record, services, signal),
  );
}

/**
 * Opens the event. This message may have waited for the turn until the check was due. Then the check comes first, unless it has been done.
 */
async function handleOpeningReminder(
  item: PendingEvent | OpenedEvent,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<LiveEventOutcome> {
  const attempts = createAttempts();
  // If both reminders are late, the check is left to its own reminder, which waits until rooms can exist.
  if (isCheckDue(item, services.clock) && justDueUntilMs(item, services.clock) === undefined)
    await attempts.try(() => checkEvent(item, services));
  const advanced = await attempts.try(() => advanceEvent(item, services, signal));
  if (advanced?.kind === 'postponed') return { ...advanced, cause: attempts.failure() };
  attempts.throwIfAny();
  return advanced ?? { kind: 'opened' };
}

/** Checks first: the warning must be published even if the rooms cannot be requested. */
async function handleCheckReminder(
  item: PendingEvent | OpenedEvent,
  { attributes }: IncomingRecord,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<LiveEventOutcome> {
  const attempts = createAttempts();
  const isFirstReceive = attributes.ApproximateReceiveCount === 1;
  const examineAgainMs = isFirstReceive ? justDueUntilMs(item, services.clock) : undefined;
  const isDue = isCheckDue(item, services.clock);
  const missing =
    isDue && examineAgainMs === undefined ? await attempts.try(() => checkEvent(item, services)) : undefined;
  const advanced = await attempts.try(() => advanceEvent(item, services, signal));
  if (isDue && examineAgainMs !== undefined)
    return { kind: 'postponed', reason: 'just-due', untilMs: examineAgainMs, cause: attempts.failure() };
  // Another message should be waiting for the turn and then open the event. In case it was lost, a schedule sends a new one.
  if (advanced?.kind === 'postponed' && advanced.reason === 'not-its-turn')
    await attempts.try(() => arm({ ...item, times: timesOf(item) }, 'open', advanced.untilMs, services, signal));
  attempts.throwIfAny();
  return { kind: 'checked', missing: missing ?? 0 };
}

/** Announces why a message is refused, and notes the refusal. Neither step depends on the other. */
async function refuse(
  refused: Parameters<typeof announceRefusal>[0] & { hash?: string },
  services: LiveEventServices,
): Promise<LiveEventOutcome> {
  const attempts = createAttempts();
  await attempts.try(() => announceRefusal(refused, services));
  await attempts.try(() => noteRefusal(refused, services));
  attempts.throwIfAny();
  return { kind: 'refused', problems: refused.problems.length };
}
