import type { Context, SQSBatchResponse } from 'aws-lambda';
import { readLiveEvent } from '../../contract/read-live-event.ts';
import { PARKED_AFTER_MS } from '../../platform/retention.ts';
import { type IncomingRecord, readRecords } from '../../provisioning/incoming-record.ts';
import { parkRecord } from '../../provisioning/park.ts';
import { tryAgainAtMs, type Unfinished, waitOrPark } from '../wait-or-park.ts';
import { withDeadline } from '../with-deadline.ts';
import { announceRefusal } from './announce.ts';
import { UnsettledEventError } from './attempts.ts';
import { handleLiveEvent } from './handle-live-event.ts';
import type { LiveEventOutcome } from './live-event-outcome.ts';
import type { LiveEventServices } from './live-event-services.ts';

/**
 * Handles a batch of messages about live events, all at once, and tells SQS which are not done. What comes from the dead-letter queue
 * has crashed the function every time: it is announced and parked, and nothing else is done for it.
 */
export async function scheduleLiveEvents(
  event: unknown,
  context: Context,
  services: LiveEventServices,
): Promise<SQSBatchResponse> {
  const records = readRecords(event);
  const results = await withDeadline(context, services, (signal) =>
    Promise.all(records.map(async (record) => ({ record, outcome: await handle(record, services, signal) }))),
  );
  const unfinished = results.flatMap(({ record, outcome }): Unfinished[] =>
    outcome.kind === 'postponed' ? [{ record, reason: outcome.reason, comesBackAtMs: knownEndMs(outcome) }] : [],
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
 * Changed under its worker's hands again and again, or waiting for its turn without the schedule that should have relieved it by now,
 * an event must not use up the receives of its message.
 */
function knownEndMs({ reason, untilMs, cause }: Extract<LiveEventOutcome, { kind: 'postponed' }>): number | undefined {
  const isEndless = reason === 'changed' || (reason === 'not-its-turn' && cause !== undefined);
  return isEndless ? undefined : untilMs;
}

/** Never rejects: its neighbours in the batch would be delivered again for nothing. */
async function handle(
  record: IncomingRecord,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<LiveEventOutcome> {
  const receiveCount = record.attributes.ApproximateReceiveCount;
  const line = { messageId: record.messageId, receiveCount };
  try {
    const outcome = isDeadLetter(record, services)
      ? await announceDeadLetter(record, services)
      : await handleLiveEvent(record, services, signal);
    const isWhole = outcome.kind !== 'postponed' || outcome.cause === undefined;
    services.log[isWhole ? 'info' : 'error']('Live event message handled', {
      ...line,
      ...idOf(record, services),
      ...outcome,
    });
    return outcome;
  } catch (error) {
    services.log.error('A message about a live event could not be handled', {
      ...line,
      ...idOf(record, services),
      error: error instanceof Error ? error : String(error),
    });
    const untilMs = tryAgainAtMs(record, {
      nowMs: services.clock.nowMs(),
      random: services.random,
      neededByMs: error instanceof UnsettledEventError ? error.neededByMs : startOf(record, services),
    });
    return { kind: 'postponed', reason: 'failed', untilMs, cause: error };
  }
}

function isDeadLetter({ eventSourceARN }: IncomingRecord, { config }: LiveEventServices): boolean {
  return eventSourceARN !== config.liveEventsQueue.arn;
}

async function announceDeadLetter(record: IncomingRecord, services: LiveEventServices): Promise<LiveEventOutcome> {
  const problems = [{ path: '', message: 'crashed its function every time, and waits in the parked queue' }];
  await announceRefusal({ ...idOf(record, services), problems, body: record.body }, services);
  await parkRecord(record, { kind: 'parked', reason: 'dead-lettered', detail: 'crashed its function' }, services);
  return { kind: 'parked', reason: 'dead-lettered' };
}

/** The start that the message itself names, when nothing else of the event could be read. */
function startOf({ body }: IncomingRecord, services: LiveEventServices): number | undefined {
  const read = readLiveEvent(body, defaultsOf(services));
  return read.kind === 'scheduled' ? read.plan.startsAtMs : undefined;
}

/** What can be read of an event's names; nothing else of a message is logged. */
function idOf({ body }: IncomingRecord, services: LiveEventServices) {
  const read = readLiveEvent(body, defaultsOf(services));
  if (read.kind === 'unparseable') return {};
  const { liveEventId, revision } = read.kind === 'scheduled' ? read.plan.event : read;
  return { liveEventId, ...(revision !== undefined && { revision }) };
}

function defaultsOf({ config, clock }: LiveEventServices) {
  return { leadMs: config.defaultLeadMs, atRiskMs: config.defaultAtRiskMs, nowMs: clock.nowMs() };
}
