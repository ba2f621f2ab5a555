import type { Context, SQSBatchResponse } from 'aws-lambda';
import { createSlotLines } from '../pace/slot-lines.ts';
import { oldestAgeMs } from '../platform/incoming-record.ts';
import { postponeRecords } from '../platform/postpone.ts';
import { prepareForCrash } from '../platform/repeated-messages.ts';
import type { Invocation } from './invocation.ts';
import { beginInvocation } from './invocation.ts';
import { idsOf } from './log-outcome.ts';
import { type RequestRecord, readRequestRecords } from './message-source.ts';
import type { Outcome } from './outcome.ts';
import { processMessage, readRecord } from './process-message.ts';
import type { Services } from './services.ts';

/** `unexpected`: a bug. The message returns to its queue, and eventually reaches the dead-letter queue. */
type RecordResult = { record: RequestRecord; outcome: Outcome | { kind: 'unexpected'; error: unknown } };

/**
 * Processes all messages of a batch concurrently, and returns unfinished messages to their queues. An error in one message never
 * fails the whole batch. Otherwise SQS would needlessly deliver the other messages again.
 */
export async function processBatch(
  event: unknown,
  context: Context,
  services: Services,
  { deadLetters = false } = {},
): Promise<SQSBatchResponse> {
  const records = readRequestRecords(event, services.config);
  // The ages of dead letters are not measured: each has kept crashing its function for a day, and their queue has its own alarm.
  if (!deadLetters) noteOldest(records, services);
  await prepareForCrash(records, records[0]?.source.queueUrl, context, services);
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

async function processRecord(record: RequestRecord, invocation: Invocation, services: Services): Promise<RecordResult> {
  try {
    return { record, outcome: await processMessage(record, invocation, services) };
  } catch (error) {
    services.log.error('A message failed with an unexpected error', {
      ...idsOf(record, readRecord(record, services)),
      error: error instanceof Error ? error : String(error),
    });
    return { record, outcome: { kind: 'unexpected', error } };
  }
}

/** Returns each message to the queue that it came from. For a redriven message, that is not the queue of its lane. */
async function postponeAll(results: RecordResult[], services: Services): Promise<void> {
  const postponed = results.flatMap(({ record, outcome }) =>
    outcome.kind === 'postponed' ? [{ record, untilMs: outcome.untilMs }] : [],
  );
  const byQueue = Map.groupBy(postponed, ({ record }) => record.source.queueUrl);
  await Promise.all([...byQueue].map(([queueUrl, ofQueue]) => postponeRecords(queueUrl, ofQueue, services)));
}

function noteOldest(records: readonly RequestRecord[], { clock, meter }: Services): void {
  for (const [lane, ofLane] of Map.groupBy(records, ({ source }) => source.lane))
    meter.noteOldest(lane, oldestAgeMs(ofLane, clock.nowMs()));
}

function isNotDone({ outcome }: RecordResult): boolean {
  return outcome.kind === 'postponed' || outcome.kind === 'unexpected';
}
