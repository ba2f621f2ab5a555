import { describe, expect, test } from '@jest/globals';
import { runClosedRegion } from '../../bench/bulk/closed-region.ts';

// "For most standard queues (depending on queue traffic and message backlog), there can be a maximum of approximately 120,000
// inflight messages"; receives that poll long get nothing more then, without an error.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
//
// A twentieth of three manifests of 50,000 rows, of 2,000 outstanding rows and of SQS's limit; the full size is measured:
// npm run bench:bulk -- --closed-region
const TWENTIETH = { manifests: 3, closedRows: 2_100, openRows: 200, outstandingRows: 100, inFlightLimit: 6_000 };
/** For what takes longer: a hundredth. */
const HUNDREDTH = { manifests: 3, closedRows: 420, openRows: 40, outstandingRows: 20, inFlightLimit: 1_200 };
const ROWS = HUNDREDTH.closedRows + 2 * HUNDREDTH.openRows;
const HOUR_MS = 3_600_000;

describe('three manifests that are sorted by region, of which one is closed', () => {
  test('leave the other regions their full pace', async () => {
    const { answered, mostInFlight, errors } = await runClosedRegion({ ...TWENTIETH, untilMs: 600_000 });
    expect(errors).toEqual([]);
    expect(mostInFlight).toBeLessThanOrEqual(3 * 3 * TWENTIETH.outstandingRows);
    for (const region of ['eu-west-1', 'us-east-1']) {
      expect(answered[region]?.rows).toBe(3 * TWENTIETH.openRows);
      expect(answered[region]?.seconds).toBeLessThanOrEqual((3 * TWENTIETH.openRows) / 5 + 5);
    }
  }, 300_000);

  test('have all their rooms when it opens after three hours', async () => {
    const result = await runClosedRegion({ ...HUNDREDTH, closedForMs: 3 * HOUR_MS });
    expect(result.errors).toEqual([]);
    expect(result.jobs).toEqual(Array(3).fill({ state: 'announced', provisioned: ROWS, failed: 0 }));
    expect(result.mostReceives).toBeLessThan(119);
  }, 300_000);

  test('end after a day if it does not open: the rows that are left are sent, and expire', async () => {
    const result = await runClosedRegion(HUNDREDTH);
    expect(result.errors).toEqual([]);
    const { closedRows, openRows } = HUNDREDTH;
    expect(result.jobs).toEqual(Array(3).fill({ state: 'announced', provisioned: 2 * openRows, failed: closedRows }));
    expect(result.seconds * 1000).toBeLessThan(26 * HOUR_MS);
    expect(result.mostReceives).toBeLessThan(119);
  }, 300_000);
});
