import type { Context, SQSBatchResponse } from 'aws-lambda';
import { createSlotLines } from '../pace/slot-lines.ts';
import type { Lane } from '../platform/config.ts';
import { beginInvocation } from './begin-invocation.ts';
import { type IncomingRecord, laneOf, readRecords } from './incoming-record.ts';
import type { Outcome } from './outcome.ts';
import { postponeRecords } from './postpone.ts';
import { processMessage } from './process-message.ts';
import type { Invocation, Services } from './services.ts';

/** `unexpected`: a bug. The message stays in its queue, and in the end reaches the dead-letter queue. */
type RecordResult = { record: IncomingRecord; outcome: Outcome | { kind: 'unexpected'; error: unknown } };

/**
 * Works on all messages of a batch at once, awaits every one of them, and tells SQS which ones are not done.
 * Never rejects for the sake of one message: its neighbours would be delivered again for nothing.
 */
export async function processBatch(
  event: unknown,
  context: Context,
  services: Services,
  { deadLetters = false } = {},
): Promise<SQSBatchResponse> {
  const records = readRecords(event);
  noteOldest(records, services);
  const { end, ...limits } = beginInvocation(context, { ...services, deadLetters });
  const invocation = { ...limits, slotLines: createSlotLines({ ...services, ...limits }) };
  try {
    const results = await Promise.all(records.map((record) => processRecord(record, invocation, services)));
    await Promise.all((['interactive', 'bulk'] as const).map((lane) => postponeLane(lane, results, services)));
    return { batchItemFailures: results.filter(isNotDone).map(({ record }) => ({ itemIdentifier: record.messageId })) };
  } finally {
    services.meter.publish();
    end();
  }
}

async function processRecord(
  record: IncomingRecord,
  invocation: Invocation,
  services: Services,
): Promise<RecordResult> {
  try {
    return { record, outcome: await processMessage(record, invocation, services) };
  } catch (error) {
    services.log.error('A message met a bug', {
      messageId: record.messageId,
      error: error instanceof Error ? error : String(error),
    });
    return { record, outcome: { kind: 'unexpected', error } };
  }
}

function postponeLane(lane: Lane, results: RecordResult[], services: Services): Promise<void> {
  const { queueUrls } = services.config;
  const postponed = results.flatMap(({ record, outcome }) =>
    outcome.kind === 'postponed' && laneOf(record, queueUrls) === lane ? [{ record, untilMs: outcome.untilMs }] : [],
  );
  return postponeRecords(queueUrls[lane], postponed, services);
}

function noteOldest(records: readonly IncomingRecord[], { clock, config, meter }: Services): void {
  for (const [lane, ofLane] of Map.groupBy(records, (record) => laneOf(record, config.queueUrls))) {
    const sentMs = Math.min(...ofLane.map(({ attributes }) => attributes.SentTimestamp));
    meter.noteOldest(lane, Math.max(0, clock.nowMs() - sentMs));
  }
}

function isNotDone({ outcome }: RecordResult): boolean {
  return outcome.kind === 'postponed' || outcome.kind === 'unexpected';
}
