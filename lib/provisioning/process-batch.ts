import type { Context, SQSBatchResponse } from 'aws-lambda';
import { createSlotLines } from '../pace/slot-lines.ts';
import { type IncomingRecord, readRecords } from '../platform/incoming-record.ts';
import { type PostponedRecord, postponeRecords } from '../platform/postpone.ts';
import { beginInvocation } from './begin-invocation.ts';
import { sourceOf } from './message-source.ts';
import type { Outcome } from './outcome.ts';
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
    await postponeAll(results, services);
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

/** Gives each message back to the queue that it came from, which is not always one of its lane. */
async function postponeAll(results: RecordResult[], services: Services): Promise<void> {
  const postponed = results.flatMap(({ record, outcome }): PostponedRecord[] =>
    outcome.kind === 'postponed' ? [{ record, untilMs: outcome.untilMs }] : [],
  );
  const byQueue = Map.groupBy(postponed, ({ record }) => sourceOf(record, services.config).queueUrl);
  await Promise.all([...byQueue].map(([queueUrl, ofQueue]) => postponeRecords(queueUrl, ofQueue, services)));
}

function noteOldest(records: readonly IncomingRecord[], { clock, config, meter }: Services): void {
  for (const [lane, ofLane] of Map.groupBy(records, (record) => sourceOf(record, config).lane)) {
    const sentMs = Math.min(...ofLane.map(({ attributes }) => attributes.SentTimestamp));
    meter.noteOldest(lane, Math.max(0, clock.nowMs() - sentMs));
  }
}

function isNotDone({ outcome }: RecordResult): boolean {
  return outcome.kind === 'postponed' || outcome.kind === 'unexpected';
}
