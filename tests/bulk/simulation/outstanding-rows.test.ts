import { describe, expect, test } from '@jest/globals';
import { runClosedRegion } from '../../../bench/bulk/closed-region.ts';
import { MAX_RENEWALS } from '../../../lib/bulk/notice-delivery.ts';

// "For most standard queues (depending on queue traffic and message backlog), there can be a maximum of approximately 120,000
// inflight messages". At this limit, long polling returns no messages and no error.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
//
// All sizes are a twentieth of three manifests of 50,000 rows, 2,000 outstanding rows and SQS's limit. To measure the full size:
// npm run bench:bulk -- --closed-region
const TWENTIETH = { manifests: 3, closedRows: 2_100, openRows: 200, outstandingRows: 100, inFlightLimit: 6_000 };
/** A hundredth of these sizes, for the runs that last longer. */
const HUNDREDTH = { manifests: 3, closedRows: 420, openRows: 40, outstandingRows: 20, inFlightLimit: 1_200 };
const ROWS = HUNDREDTH.closedRows + 2 * HUNDREDTH.openRows;
const HOUR_MS = 3_600_000;

describe('three manifests that are sorted by region, with one region closed', () => {
  test('leave the full pace to the other regions', async () => {
    const { answered, mostInFlight, errors } = await runClosedRegion({ ...TWENTIETH, untilMs: 600_000 });
    expect(errors).toEqual([]);
    expect(mostInFlight).toBeLessThanOrEqual(3 * 3 * TWENTIETH.outstandingRows);
    for (const region of ['eu-west-1', 'us-east-1']) {
      expect(answered[region]?.rows).toBe(3 * TWENTIETH.openRows);
      expect(answered[region]?.seconds).toBeLessThanOrEqual((3 * TWENTIETH.openRows) / 5 + 5);
    }
  }, 300_000);

  test('have all their rooms if the region opens after three hours', async () => {
    const result = await runClosedRegion({ ...HUNDREDTH, closedForMs: 3 * HOUR_MS });
    expect(result.errors).toEqual([]);
    expect(result.jobs).toEqual(Array(3).fill({ state: 'announced', provisioned: ROWS, failed: 0 }));
    expect(result.mostReceives).toBeLessThan(119);
  }, 300_000);

  test('end after a day if the region does not open: their remaining rows are sent and expire', async () => {
    const result = await runClosedRegion(HUNDREDTH);
    expect(result.errors).toEqual([]);
    const { closedRows, openRows } = HUNDREDTH;
    expect(result.jobs).toEqual(Array(3).fill({ state: 'announced', provisioned: 2 * openRows, failed: closedRows }));
    expect(result.seconds * 1000).toBeLessThan(26 * HOUR_MS);
    expect(result.mostReceives).toBeLessThan(119);
  }, 300_000);
});

/** A two-hundredth of 50,000 rows in one region, which is never closed. */
const ONE_REGION = {
  manifests: 1,
  closedRows: 250,
  openRows: 0,
  outstandingRows: 20,
  inFlightLimit: 1_200,
  closedForMs: 0,
};

const isS3Down = (hours: number) => (call: { service: string; atMs: number }) =>
  call.service === 's3' && call.atMs < hours * HOUR_MS;

describe('a manifest of one region that S3 could not return for', () => {
  // Lambda stops a function that sends to the queue that invokes it after "approximately 16" rounds:
  // https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
  test.each([
    ['twenty hours', 20],
    ['two days', 48],
    ['two and a half days', 60],
  ])(
    '%s is read at full pace afterwards',
    async (_length, hours) => {
      const result = await runClosedRegion({ ...ONE_REGION, fails: isS3Down(hours) });
      expect(result.jobs).toEqual([{ state: 'announced', provisioned: ONE_REGION.closedRows, failed: 0 }]);
      // The job is checked within an hour. 250 rooms then take 50 s, and each pass at least 2 s.
      expect(result.seconds - hours * 3_600).toBeLessThan(3_600 + 300);
      expect(result.mostReceives).toBeLessThan(119);
      expect(result.renewals).toBeLessThanOrEqual(MAX_RENEWALS);
    },
    300_000,
  );

  test('two and a half days is read beyond the age at which its notice would be parked', async () => {
    const [hours, closedHours] = [60, 80];
    const outages = { fails: isS3Down(hours), closedForMs: closedHours * HOUR_MS };
    const result = await runClosedRegion({ ...ONE_REGION, ...outages });
    expect(result.jobs).toEqual([{ state: 'announced', provisioned: ONE_REGION.closedRows, failed: 0 }]);
    expect(result.seconds / 3_600).toBeGreaterThan(72);
    expect(result.renewals).toBeLessThanOrEqual(MAX_RENEWALS);
  }, 300_000);
});
