import { ledgerKey } from '../contract/keys.ts';
import type { ReadMessage } from '../contract/read-message.ts';
import type { Log } from '../platform/log.ts';
import type { RequestRecord } from './message-source.ts';
import type { Outcome } from './outcome.ts';

/**
 * Logs one line per message, with its outcome and its ids. The line contains neither the body nor the problems of the body. The queries in
 * infrastructure/queries.yml use its fields.
 * @param result.sinceArrivalMs the time from arrival to outcome; undefined unless the outcome is created, adopted or failed
 */
export function logOutcome(
  record: RequestRecord,
  read: ReadMessage,
  { outcome, sinceArrivalMs }: { outcome: Outcome; sinceArrivalMs: number | undefined },
  log: Log,
): void {
  log.info(outcome.kind === 'postponed' ? 'Message postponed' : 'Message done', {
    ...idsOf(record, read),
    ...describe(outcome),
    sinceArrivalMs,
  });
}

/** The fields that identify a message and its request in log lines. */
export function idsOf({ messageId, attributes, source }: RequestRecord, read: ReadMessage) {
  const ids = {
    messageId,
    receiveCount: attributes.ApproximateReceiveCount,
    lane: source.lane,
    traceparent: read.traceparent,
  };
  if (read.kind === 'unparseable') return ids;
  const { idempotencyKey, tenant, correlationId } = read.kind === 'request' ? read.request : read;
  const region = 'region' in read ? read.region : undefined;
  return { ...ids, ledgerKey: ledgerKey(idempotencyKey), tenant, correlationId, region };
}

function describe(outcome: Outcome) {
  switch (outcome.kind) {
    case 'answered':
      return { outcome: outcome.how, completionId: outcome.completionId, failure: outcome.failure };
    case 'parked': {
      const { kind, reason, completionId, failure } = outcome;
      return { outcome: kind, reason, completionId, failure };
    }
    case 'postponed': {
      const { reason, untilMs, cause } = outcome;
      const error = cause instanceof Error ? { name: cause.name, message: cause.message } : undefined;
      return { outcome: outcome.kind, reason, until: new Date(untilMs).toISOString(), error };
    }
  }
}
