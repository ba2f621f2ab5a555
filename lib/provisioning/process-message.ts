import { invalidCompletion } from '../contract/completion.ts';
import { type ReadMessage, type ReadRequest, readMessage } from '../contract/read-message.ts';
import { TRACEPARENT_ATTRIBUTE } from '../contract/traceparent.ts';
import { firstReceivedMs, receivesLeft } from '../platform/incoming-record.ts';
import { parkRecord } from '../platform/park.ts';
import { PARKED_AFTER_MS } from '../platform/retention.ts';
import { answerRelease, refuseRelease } from './answer-release.ts';
import { answerReserved, isUnverified } from './answer-reserved.ts';
import { fulfilRequest } from './fulfil-request.ts';
import type { Invocation } from './invocation.ts';
import { logOutcome } from './log-outcome.ts';
import type { RequestRecord } from './message-source.ts';
import { answeredWith, type Outcome } from './outcome.ts';
import { postponed } from './postponed.ts';
import { Postponement } from './postponement.ts';
import { publishCompletion } from './publish-completion.ts';
import { toRequestMessage } from './request-message.ts';
import type { Services } from './services.ts';

/** Reads one message and fulfils its request, or announces why that is impossible. */
export async function processMessage(
  record: RequestRecord,
  invocation: Invocation,
  services: Services,
): Promise<Outcome> {
  const read = readRecord(record, services);
  const outcome = await handle(read, record, invocation, services);
  const sinceArrivalMs = timeToOutcomeMs(outcome, record, services);
  logOutcome(record, read, { outcome, sinceArrivalMs }, services.log);
  if (sinceArrivalMs !== undefined) services.meter.noteCompletion({ lane: record.source.lane, sinceArrivalMs });
  if ('failure' in outcome && outcome.failure) services.meter.countFailure(outcome.failure);
  return outcome;
}

/** The request of a message, or its problems. Never throws. */
export function readRecord(record: RequestRecord, { config, clock }: Pick<Services, 'config' | 'clock'>): ReadMessage {
  const { body, attributes, messageAttributes, source } = record;
  const traceparent = messageAttributes[TRACEPARENT_ATTRIBUTE]?.stringValue;
  return readMessage(
    { body, sentTimestampMs: attributes.SentTimestamp, traceparent, ...source },
    {
      region: config.defaultRegion,
      requestMaxAgeMs: config.requestMaxAgeMs,
      releases: config.releases,
      nowMs: clock.nowMs(),
    },
  );
}

async function handle(
  read: ReadMessage,
  record: RequestRecord,
  invocation: Invocation,
  services: Services,
): Promise<Outcome> {
  const orPostponed = (error: unknown) => postponedUnclaimed(error, read, record, invocation, services);
  const outcome = await respond(read, record, invocation, services).catch(orPostponed);
  const final = finalOutcome(outcome, record, invocation, services);
  if (final.kind !== 'parked') return final;
  // The note of an unverified message leaves out `isFromRoster`. If the note said `false`, the message could never return as a member of
  // its roster.
  const known = isUnverified(read, record) ? {} : { isFromRoster: record.source.isFromRoster };
  try {
    await parkRecord(record, { ...final, ...known, wishedAtMs: firstSentMs(record) }, services);
    return final;
  } catch (cause) {
    return postponedUnclaimed(new Postponement('park-failed', { cause }), read, record, invocation, services);
  }
}

/** When a message was first sent. A redrive does not change this time. */
function firstSentMs({ attributes: { SentTimestamp }, source: { redriven } }: RequestRecord): number {
  return Math.min(SentTimestamp, redriven?.wishedAtMs ?? SentTimestamp);
}

/**
 * The outcome of a message that is postponed without a claim, so the ledger has no note of the wait.
 * @throws any error that is not a Postponement
 */
function postponedUnclaimed(
  error: unknown,
  read: ReadMessage,
  record: RequestRecord,
  { deadLetters }: Invocation,
  services: Services,
): Outcome {
  if (!(error instanceof Postponement)) throw error;
  const waiting = {
    firstReceivedMs: firstReceivedMs(record),
    receivesLeft: receivesLeft(record, deadLetters),
    neededByMs: read.kind === 'request' ? read.neededByMs : undefined,
    mayHaveRoom: false,
  };
  return postponed(error, waiting, services);
}

function respond(
  read: ReadMessage,
  record: RequestRecord,
  invocation: Invocation,
  services: Services,
): Promise<Outcome> {
  if (read.kind === 'request') return fulfilRequest(toRequestMessage(read, record, invocation), invocation, services);
  if (read.kind === 'release') return answerRelease(read, services);
  if (read.kind === 'invalid-release') return refuseRelease(read, services);
  if (read.kind === 'invalid' && read.reserved)
    return answerReserved({ ...read, reserved: read.reserved }, record, invocation, services);
  if (read.kind === 'invalid' && read.acceptedBefore)
    return answerAcceptedBefore({ ...read, acceptedBefore: read.acceptedBefore }, record, invocation, services);
  return announceInvalid(read, record, services);
}

/**
 * Answers a request that version 0.1.0 accepted and this version rejects, or that this version may have accepted before releases were
 * switched off. If the ledger has an item for its key, greenroom finishes the item (rule RESOLVE) or publishes its completion. Otherwise
 * the request is announced as invalid. A request with a wish needs an item that already has a wish. While releases are switched off, no
 * wish is written to an item without one, so that an earlier version can read the item.
 */
function answerAcceptedBefore(
  read: Extract<ReadMessage, { kind: 'invalid' }> & { acceptedBefore: ReadRequest },
  record: RequestRecord,
  invocation: Invocation,
  services: Services,
): Promise<Outcome> {
  const { config, clock } = services;
  const answerIfNew = invalidCompletion({ stage: config.stage, read, body: record.body, decidedAtMs: clock.nowMs() });
  const needsStoredWish = read.acceptedBefore.wish !== undefined;
  const message = { ...toRequestMessage(read.acceptedBefore, record, invocation), answerIfNew, needsStoredWish };
  return fulfilRequest(message, invocation, services);
}

/**
 * Changes the outcome to `parked` if a person must examine the message. The message is then either an answered dead letter, or has waited
 * so long that its queue would soon delete it. A message that has waited too long gets no completion.
 */
function finalOutcome(
  outcome: Outcome,
  record: RequestRecord,
  { deadLetters }: Invocation,
  { clock }: Services,
): Outcome {
  if (outcome.kind === 'answered' && deadLetters) {
    const { kind, how, ...answer } = outcome;
    return { kind: 'parked', reason: 'dead-lettered', detail: `crashed its function; ${kind}: ${how}`, ...answer };
  }
  const parkedAfterMs = deadLetters ? PARKED_AFTER_MS.deadLetters : PARKED_AFTER_MS.lane;
  if (outcome.kind !== 'postponed' || clock.nowMs() - record.attributes.SentTimestamp <= parkedAfterMs) return outcome;
  return outcome.mayHaveRoom
    ? { kind: 'parked', reason: 'outcome-unknown', detail: `it is unknown whether its room exists; ${outcome.reason}` }
    : {
        kind: 'parked',
        reason: 'unfinished',
        detail: `it waited so long that its queue would soon have deleted it; ${outcome.reason}`,
      };
}

/** The time from the message's arrival to its outcome. Replays do not count, because they do not show how long a new request takes. */
function timeToOutcomeMs(outcome: Outcome, record: RequestRecord, { clock }: Services): number | undefined {
  if (outcome.kind !== 'answered' || !['created', 'adopted', 'failed'].includes(outcome.how)) return undefined;
  return Math.max(0, clock.nowMs() - record.attributes.SentTimestamp);
}

/** Publishes the completion before the message is acknowledged, so that SQS delivers the message again if publishing fails. */
async function announceInvalid(
  read: Extract<ReadMessage, { kind: 'invalid' | 'unparseable' }>,
  record: RequestRecord,
  services: Services,
): Promise<Outcome> {
  const { config, clock } = services;
  const completion = invalidCompletion({
    stage: config.stage,
    read,
    body: record.body,
    decidedAtMs: clock.nowMs(),
  });
  const { roster, correlationId, metadata } = read.kind === 'invalid' ? read : {};
  const { traceparent } = read;
  const context = { lane: record.source.lane, roster, correlationId, metadata, traceparent };
  await publishCompletion(services, completion, context);
  if (read.kind === 'invalid') return answeredWith('invalid', completion);
  return { kind: 'parked', reason: 'unparseable', detail: 'has no readable key', failure: 'unparseable' };
}
