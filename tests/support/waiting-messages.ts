import type { SQSBatchResponse } from 'aws-lambda';
import type { IncomingRecord } from '../../lib/platform/incoming-record.ts';

const SECOND_MS = 1_000;

/** infrastructure/queues.yml */
export interface QueueSettings {
  visibilityTimeoutMs: number;
  maxReceiveCount: number;
  retentionMs: number;
}

/** What became of a message: nothing is left of it in its queue. */
export type Ending = { kind: 'done' | 'dead-lettered' | 'deleted by retention'; atMs: number; receives: number };

/** What a test plays SQS with: one message, time that passes, and the function that is to handle it. */
export interface Delivery {
  nowMs(): number;
  pass(ms: number): void;
  handle(record: IncomingRecord): Promise<SQSBatchResponse>;
  /** For how long the last `handle` had the message hidden; undefined if it was not asked to be. */
  hiddenMs(): number | undefined;
}

/** Delivers a message as SQS does, again and again at its time, until it is done, or set aside, or too old. */
export async function deliverUntilGone(
  message: Omit<IncomingRecord, 'attributes'>,
  delivery: Delivery,
  { visibilityTimeoutMs, maxReceiveCount, retentionMs }: QueueSettings,
): Promise<Ending> {
  const sentMs = delivery.nowMs();
  for (let receives = 1; ; receives++) {
    const atMs = delivery.nowMs();
    if (atMs - sentMs > retentionMs) return { kind: 'deleted by retention', atMs, receives: receives - 1 };
    if (receives > maxReceiveCount) return { kind: 'dead-lettered', atMs, receives: receives - 1 };
    const attributes = {
      ApproximateReceiveCount: receives,
      SentTimestamp: sentMs,
      ApproximateFirstReceiveTimestamp: sentMs,
    };
    const { batchItemFailures } = await delivery.handle({ ...message, attributes });
    if (batchItemFailures.length === 0) return { kind: 'done', atMs: delivery.nowMs(), receives };
    const visibleAtMs = delivery.nowMs() + (delivery.hiddenMs() ?? visibilityTimeoutMs);
    delivery.pass(Math.max(SECOND_MS, visibleAtMs - delivery.nowMs()));
  }
}
