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
  return outcome;
}

async function answer(
  read: ReadMessage,
  record: IncomingRecord,
  invocation: Invocation,
  services: Services,
): Promise<Outcome> {
  try {
    const outcome =
      read.kind === 'request'
        ? await fulfilRequest(toRequestMessage(read, record, services), invocation, services)
        : await announceInvalid(read, record, services);
    if (outcome.kind === 'parked') await parkRecord(record, outcome, services);
    return outcome;
  } catch (error) {
    if (!(error instanceof Postponement)) throw error;
    return { kind: 'postponed', reason: error.reason, untilMs: error.untilMs, cause: error.cause };
  }
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
  await publishCompletion(services, completion, {
    lane: laneOf(record, config.queueUrls),
    ...(roster !== undefined && { roster }),
    ...(correlationId !== undefined && { correlationId }),
  });
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
    ...(roster !== undefined && { roster }),
    ...(correlationId !== undefined && { correlationId }),
  };
}
