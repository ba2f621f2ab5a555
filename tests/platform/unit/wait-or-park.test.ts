import { expect, test } from '@jest/globals';
import type { IncomingRecord } from '../../../lib/platform/incoming-record.ts';
import { afterDeadlineMs, afterLeaseMs, retryAtMs } from '../../../lib/platform/wait-or-park.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = 10 * HOUR;
const random = () => 0;
const record = { attributes: { SentTimestamp: 0, ApproximateFirstReceiveTimestamp: 0 } } as IncomingRecord;

test.each([
  ['known: a third of the time since then', NOW - 3 * MINUTE, MINUTE],
  ['only just made: two seconds', NOW, 2_000],
  ['unknown: a third of the time since the first receive, an hour at most', undefined, HOUR],
  ['still ahead, as planned: until then', NOW + 10 * MINUTE, 10 * MINUTE],
])('the wait after a failure, if the time of the last progress is %s', (_when, progressedAtMs, waitMs) => {
  expect(retryAtMs(record, { nowMs: NOW, random, progressedAtMs }) - NOW).toBe(waitMs);
});

test('neither a deadline nor another reader brings a message back before its planned time', () => {
  const plannedMs = NOW + 10 * MINUTE;
  const circumstances = { nowMs: NOW, random, progressedAtMs: plannedMs };
  expect(afterDeadlineMs(record, NOW + 1_000, circumstances)).toBe(plannedMs);
  expect(afterLeaseMs(record, NOW + 1_000, circumstances)).toBe(plannedMs);
});
