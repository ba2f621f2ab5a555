import type { Context, SQSBatchResponse } from 'aws-lambda';
import { type LiveEventMessage, parseLiveEventMessage } from '../contract/live-event-message.ts';
import type { LiveEventTimes } from '../contract/live-event-plan.ts';
import { withDeadline } from '../platform/deadline.ts';
import { type IncomingRecord, oldestAgeMs, readRecords } from '../platform/incoming-record.ts';
import { parkRecord } from '../platform/park.ts';
import { prepareForCrash } from '../platform/repeated-messages.ts';
import { PARKED_AFTER_MS } from '../platform/retention.ts';
import { type Unfinished, waitOrPark } from '../platform/wait-or-park.ts';
import { announceRefusal } from './announce.ts';
import { IncompleteEventError } from './attempts.ts';
import { handleLiveEvent } from './handle-live-event.ts';
import type { LiveEventOutcome } from './live-event-outcome.ts';
import type { LiveEventServices } from './live-event-services.ts';
import { returnsAtMs } from './returns-at.ts';

/**
 * Handles a batch of messages about live events concurrently, and returns those that are not done. A message from the dead-letter queue
 * has crashed the function every time it was received, so it is only announced and parked.
 */
export async function scheduleLiveEvents(
  event: unknown,
  context: Context,
  services: LiveEventServices,
): Promise<SQSBatchResponse> {
  try {
    const records = readRecords(event);
    await prepareForCrash(records, queueUrlOf(records, services), context, services);
    const results = await withDeadline(context, services, (signal) =>
      Promise.all(records.map(async (record) => ({ record, outcome: await handle(record, services, signal) }))),
    );
    return await returnUnfinished(results, services);
  } finally {
    services.meter.publish();
  }
}

interface Handled {
  record: IncomingRecord;
  outcome: LiveEventOutcome;
}

async function returnUnfinished(results: Handled[], services: LiveEventServices): Promise<SQSBatchResponse> {
  noteOldestFailed(results, services);
  const unfinished = results.flatMap(({ record, outcome }): Unfinished[] =>
    outcome.kind === 'postponed'
      ? [{ record, reason: outcome.reason, returnsAtMs: returnsAtMs(outcome, record, services) }]
      : [],
  );
  const [deadLetters = [], ofOwnQueue = []] = [true, false].map((dead) =>
    unfinished.filter(({ record }) => isDeadLetter(record, services) === dead),
  );
  const { url } = services.config.liveEventsQueue;
  const notDone = [
    ...(await waitOrPark(ofOwnQueue, { url, parkedAfterMs: PARKED_AFTER_MS.liveEvents }, services)),
    ...(await waitOrPark(deadLetters, { url: undefined, parkedAfterMs: PARKED_AFTER_MS.deadLetters }, services)),
  ];
  return { batchItemFailures: notDone.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

/**
 * Only failed messages count. Other messages wait for a turn, an opening or a check, and such a wait is not a problem. Dead letters have
 * failed for a day, and their queue has its own alarm.
 */
function noteOldestFailed(results: Handled[], services: LiveEventServices): void {
  const failed = results.filter(({ record, outcome }) => isFailed(outcome) && !isDeadLetter(record, services));
  const records = failed.map(({ record }) => record);
  if (records.length > 0) services.meter.noteOldest('live-events', oldestAgeMs(records, services.clock.nowMs()));
}

function isFailed(outcome: LiveEventOutcome): boolean {
  return outcome.kind === 'postponed' && (outcome.reason === 'failed' || outcome.cause !== undefined);
}

/** Never rejects, because a rejection would return the whole batch to the queue, including messages that are done. */
async function handle(
  record: IncomingRecord,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<LiveEventOutcome> {
  const receiveCount = record.attributes.ApproximateReceiveCount;
  const message = parseRecord(record, services);
  const line = { messageId: record.messageId, receiveCount, ...idOf(message) };
  try {
    const outcome = isDeadLetter(record, services)
      ? await announceDeadLetter(message, record, services)
      : await handleLiveEvent(message, record, services, signal);
    const isWhole = outcome.kind !== 'postponed' || outcome.cause === undefined;
    services.log[isWhole ? 'info' : 'error']('Live event message handled', { ...line, ...outcome });
    return outcome;
  } catch (error) {
    services.log.error('A message about a live event could not be handled', {
      ...line,
      error: error instanceof Error ? error : String(error),
    });
    const known = error instanceof IncompleteEventError ? error.times : undefined;
    const times = known ?? timesIn(message);
    return { kind: 'postponed', reason: 'failed', untilMs: services.clock.nowMs(), cause: error, times };
  }
}

/** The URL of the queue from which a batch was received; undefined for dead letters. */
function queueUrlOf(records: readonly IncomingRecord[], services: LiveEventServices): string | undefined {
  return records.some((record) => isDeadLetter(record, services)) ? undefined : services.config.liveEventsQueue.url;
}

function isDeadLetter({ eventSourceARN }: IncomingRecord, { config }: LiveEventServices): boolean {
  return eventSourceARN !== config.liveEventsQueue.arn;
}

async function announceDeadLetter(
  message: LiveEventMessage,
  record: IncomingRecord,
  services: LiveEventServices,
): Promise<LiveEventOutcome> {
  const problems = [{ path: '', message: 'crashed its function every time it was received, and was parked' }];
  await announceRefusal({ ...idOf(message), problems, body: record.body }, services);
  await parkRecord(record, { reason: 'dead-lettered', detail: 'crashed its function' }, services);
  return { kind: 'parked', reason: 'dead-lettered' };
}

function parseRecord({ body }: IncomingRecord, { config, clock }: LiveEventServices): LiveEventMessage {
  const { defaultLeadMs: leadMs, defaultAtRiskMs: atRiskMs, defaultRegion: region, releases } = config;
  return parseLiveEventMessage(body, { leadMs, atRiskMs, region, releases, nowMs: clock.nowMs() });
}

/** The times that the message itself contains, in case the event's item could not be read. */
function timesIn(message: LiveEventMessage): LiveEventTimes | undefined {
  return message.kind === 'scheduled' ? message.plan : message.kind === 'due' ? message.moments : undefined;
}

/** The event's id and revision, if they can be read. No other part of a message is logged. */
function idOf(message: LiveEventMessage) {
  if (message.kind === 'unparseable') return {};
  const { liveEventId, revision } = message.kind === 'scheduled' ? message.plan.event : message;
  return { liveEventId, ...(revision !== undefined && { revision }) };
}
