import { ledgerKey } from '../contract/keys.ts';
import type { ReadMessage } from '../contract/read-message.ts';
import type { IncomingRecord } from '../platform/incoming-record.ts';
import type { Log } from '../platform/log.ts';
import type { Outcome } from './outcome.ts';

/** Logs one line per message: its outcome and its ids. The line contains neither the body nor its problems. */
export function logOutcome(record: IncomingRecord, read: ReadMessage, outcome: Outcome, log: Log): void {
  const line = {
    messageId: record.messageId,
    receiveCount: record.attributes.ApproximateReceiveCount,
    ...idsOf(read),
    ...describe(outcome),
  };
  log.info(outcome.kind === 'postponed' ? 'Message postponed' : 'Message done', line);
}

function idsOf(read: ReadMessage) {
  if (read.kind === 'unparseable') return {};
  const { idempotencyKey, tenant, correlationId } = read.kind === 'request' ? read.request : read;
  return { ledgerKey: ledgerKey(idempotencyKey), tenant, correlationId };
}

function describe(outcome: Outcome) {
  switch (outcome.kind) {
    case 'answered':
      return { outcome: outcome.how, completionId: outcome.completionId };
    case 'parked':
      return { outcome: outcome.kind, reason: outcome.reason, completionId: outcome.completionId };
    case 'postponed': {
      const { reason, untilMs, cause } = outcome;
      const error = cause instanceof Error ? { name: cause.name, message: cause.message } : undefined;
      return { outcome: outcome.kind, reason, until: new Date(untilMs).toISOString(), error };
    }
  }
}
