import { invalidCompletion } from '../contract/completion.ts';
import { ledgerKey, payloadHash } from '../contract/keys.ts';
import { type ReadMessage, readMessage } from '../contract/read-message.ts';
import { fulfilRequest } from './fulfil-request.ts';
import { type IncomingRecord, laneOf, timeOverrides } from './incoming-record.ts';
import type { RequestMessage } from './job.ts';
import { logOutcome } from './log-outcome.ts';
import type { Outcome } from './outcome.ts';
import { parkRecord } from './park.ts';
import { Postponement } from './postponement.ts';
import { publishCompletion } from './publish-completion.ts';
import type { Invocation, Services } from './services.ts';

// Queues keep a message for 14 days; two days before the end there is still time to park it and to look.
const PARK_UNRESOLVED_AFTER_MS = 12 * 24 * 60 * 60 * 1000;

/** Reads one message and does what it asks for, or announces why that can't be done. */
export async function processMessage(
  record: IncomingRecord,
  invocation: Invocation,
  services: Services,
): Promise<Outcome> {
  const { config, clock } = services;
  const read = readMessage(
    { body: record.body, sentTimestampMs: record.attributes.SentTimestamp, overrides: timeOverrides(record) },
    { region: config.defaultRegion, requestMaxAgeMs: config.requestMaxAgeMs, nowMs: clock.nowMs() },
  );
  const outcome = await answer(read, record, invocation, services);
  logOutcome(record, read, outcome, services.log);
  noteAnswer(outcome, record, services);
  return outcome;
}

async function answer(
  read: ReadMessage,
  record: IncomingRecord,
  invocation: Invocation,
  services: Services,
): Promise<Outcome> {
  try {
    const outcome = forPeople(await respond(read, record, invocation, services), record, invocation, services);
    if (outcome.kind === 'parked') await parkRecord(record, outcome, services);
    return outcome;
  } catch (error) {
    if (!(error instanceof Postponement)) throw error;
    return { kind: 'postponed', reason: error.reason, untilMs: error.untilMs, cause: error.cause };
  }
}

function respond(
  read: ReadMessage,
  record: IncomingRecord,
  invocation: Invocation,
  services: Services,
): Promise<Outcome> {
  return read.kind === 'request'
    ? fulfilRequest(toRequestMessage(read, record, services), invocation, services)
    : announceInvalid(read, record, services);
}

/**
 * What a person must look at: a dead letter, once it is answered; and a request of which nobody could find out for so long
 * whether it has its room that its queue would soon delete it. The latter is the one that ends without a completion.
 */
function forPeople(
  outcome: Outcome,
  record: IncomingRecord,
  { deadLetters }: Invocation,
  { clock }: Services,
): Outcome {
  if (outcome.kind === 'answered' && deadLetters) {
    const { how, completionId } = outcome;
    return { kind: 'parked', reason: 'dead-lettered', detail: `crashed its function; answered: ${how}`, completionId };
  }
  const unresolved = outcome.kind === 'postponed' && ['unsettled', 'reconcile-failed'].includes(outcome.reason);
  if (unresolved && clock.nowMs() - record.attributes.SentTimestamp > PARK_UNRESOLVED_AFTER_MS) {
    return { kind: 'parked', reason: 'outcome-unknown', detail: 'whether its room exists could not be found out' };
  }
  return outcome;
}

/** Only what answers a request for the first time: a replay says nothing of how long rooms take. */
function noteAnswer(outcome: Outcome, record: IncomingRecord, { config, clock, meter }: Services): void {
  if (outcome.kind !== 'answered' || !['created', 'adopted', 'failed'].includes(outcome.how)) return;
  const sinceArrivalMs = Math.max(0, clock.nowMs() - record.attributes.SentTimestamp);
  meter.noteAnswer({ lane: laneOf(record, config.queueUrls), sinceArrivalMs });
}

/** Announced first and parked afterwards: what is parked is acknowledged, and nothing may be acknowledged unannounced. */
async function announceInvalid(
  read: Exclude<ReadMessage, { kind: 'request' }>,
  record: IncomingRecord,
  services: Services,
): Promise<Outcome> {
  const { config, clock } = services;
  const completion = invalidCompletion({
    stage: config.stage,
    read,
    body: record.body,
    decidedAtMs: clock.nowMs(),
  });
  const { roster, correlationId } = read.kind === 'invalid' ? read : {};
  await publishCompletion(services, completion, { lane: laneOf(record, config.queueUrls), roster, correlationId });
  if (read.kind === 'invalid') return { kind: 'answered', how: 'invalid', completionId: completion.id };
  return { kind: 'parked', reason: 'unparseable', detail: 'holds no readable key' };
}

function toRequestMessage(
  read: Extract<ReadMessage, { kind: 'request' }>,
  record: IncomingRecord,
  { config }: Services,
): RequestMessage {
  const { request, region, sentAtMs, neededByMs } = read;
  const { idempotencyKey, room, roster, correlationId } = request;
  return {
    request,
    region,
    sentAtMs,
    neededByMs,
    idempotencyKey,
    ledgerKey: ledgerKey(idempotencyKey),
    payloadHash: payloadHash({ room, region }),
    lane: laneOf(record, config.queueUrls),
    receiveCount: record.attributes.ApproximateReceiveCount,
    roster,
    correlationId,
  };
}
