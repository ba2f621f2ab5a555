import { describe, expect, test } from '@jest/globals';
import { type ClosedRegionSettings, runClosedRegion } from '../../../bench/bulk/closed-region.ts';
import { MAX_RENEWALS } from '../../../lib/bulk/notice-delivery.ts';

const HOUR_MS = 3_600_000;
/** A two-hundredth of 50,000 rows in one region, and a hundredth of 2,000 outstanding rows. */
const JOB = { manifests: 1, closedRows: 250, openRows: 0, outstandingRows: 20, inFlightLimit: 1_200, closedForMs: 0 };
/** A job whose rooms take a hundred seconds at the quota. */
const LARGE_JOB = { ...JOB, closedRows: 500 };
const SMALL_JOB = { ...JOB, closedRows: 30 };
/** A closed region is checked, and a service that does not respond is tried, at least about once an hour. */
const LATEST_CHECK_HOURS = 1.3;

type Fails = NonNullable<ClosedRegionSettings['fails']>;
const isS3Down =
  (...outages: [fromHours: number, toHours: number][]): Fails =>
  ({ service, atMs }) =>
    service === 's3' && outages.some(([from, to]) => atMs >= from * HOUR_MS && atMs < to * HOUR_MS);

async function run(settings: Partial<ClosedRegionSettings>) {
  const job = { ...JOB, ...settings };
  const { errors: _, seconds, ...result } = await runClosedRegion(job);
  expect(result.jobs).toEqual([{ state: 'announced', provisioned: job.closedRows, failed: 0 }]);
  expect(result.deadLetters).toBe(0);
  expect(result.renewals).toBeLessThanOrEqual(MAX_RENEWALS);
  return { hours: seconds / 3_600, ...result };
}

describe('a region that was closed has all its rooms soon after it opens', () => {
  test.each<[string, number, Fails]>([
    ['eight hours, with two outages of S3', 8, isS3Down([2, 3], [4, 5])],
    ['fourteen hours, with two outages of S3', 14, isS3Down([9, 10], [12, 13])],
    ['fourteen hours, with an outage of S3 at the end', 14, isS3Down([9, 14])],
  ])(
    'after %s',
    async (_length, closedHours, fails) => {
      const { hours } = await run({ closedForMs: closedHours * HOUR_MS, fails });
      expect(hours - closedHours).toBeLessThan(LATEST_CHECK_HOURS);
    },
    60_000,
  );
});

describe('a job that waits for a full lane continues soon after the lane has room', () => {
  test('after twenty hours', async () => {
    const { hours } = await run({ ...SMALL_JOB, isLaneFull: (atMs) => atMs < 20 * HOUR_MS });
    // The lane is checked at least every half hour.
    expect(hours - 20).toBeLessThan(0.6);
  }, 60_000);

  test('after two days, when its rows have expired', async () => {
    const { deadLetters, jobs, seconds } = await runClosedRegion({
      ...SMALL_JOB,
      isLaneFull: (atMs) => atMs < 48 * HOUR_MS,
    });
    expect({ deadLetters, jobs }).toEqual({
      deadLetters: 0,
      jobs: [{ state: 'announced', provisioned: 0, failed: 30 }],
    });
    expect(seconds / 3_600 - 48).toBeLessThan(0.6);
  }, 60_000);

  test('after two hours, which follow twenty hours without S3', async () => {
    const { hours } = await run({ fails: isS3Down([0, 20]), isLaneFull: (atMs) => atMs < 22 * HOUR_MS });
    expect(hours - 22).toBeLessThan(LATEST_CHECK_HOURS);
  }, 60_000);

  test('after more than three days, when its first notice would have been parked', async () => {
    const result = await runClosedRegion({
      ...JOB,
      closedForMs: 80 * HOUR_MS,
      isLaneFull: (atMs) => atMs > 23 * HOUR_MS && atMs < 90 * HOUR_MS,
    });
    expect(result).toMatchObject({
      deadLetters: 0,
      jobs: [{ state: 'announced', provisioned: 0, failed: JOB.closedRows }],
    });
    expect(result.seconds / 3_600 - 90).toBeLessThan(LATEST_CHECK_HOURS);
    expect(result.renewals).toBeLessThanOrEqual(MAX_RENEWALS);
  }, 60_000);
});

test('a job that has an outage of S3 for most of a day near its end continues within about an hour afterwards', async () => {
  // The job has used 45 receives before the outage, which takes 47 more.
  const { hours } = await run({ ...LARGE_JOB, fails: isS3Down([0.025, 19.225]) });
  expect(hours - 19.225).toBeLessThan(LATEST_CHECK_HOURS);
}, 60_000);

test('a job with few receives left does not wait long when single calls to SQS fail', async () => {
  let calls = 0;
  const { hours } = await run({
    ...LARGE_JOB,
    outstandingRows: 500,
    // Ten calls send a chunk, and one call fails after each chunk.
    fails: (call) => isS3Down([0, 55])(call) || (call.action.startsWith('SendMessageBatch') && calls++ % 11 === 10),
  });
  expect(calls).toBeGreaterThan(50);
  expect(hours - 55).toBeLessThan(LATEST_CHECK_HOURS);
}, 60_000);

test('a service that fails when a notice that was sent again arrives is tried no more often than at other times', async () => {
  let renewedAtMs = Number.NaN;
  let failures = 0;
  await run({
    closedForMs: 20 * HOUR_MS,
    fails({ service, action, atMs }) {
      // The next check of the closed region is an hour later, but the notice arrives after 15 minutes, the longest delay of SQS.
      if (action === 'SendMessageCommand manifests' && atMs > 5 * HOUR_MS && Number.isNaN(renewedAtMs))
        renewedAtMs = atMs;
      const isDown = service === 's3' && atMs >= renewedAtMs + 890_000 && atMs < renewedAtMs + 1_490_000;
      if (isDown) failures += 1;
      return isDown;
    },
  });
  expect(failures).toBeGreaterThan(5);
  expect(failures).toBeLessThan(25);
}, 60_000);

test('a job is checked in time although its notice could not be sent again', async () => {
  let tries = 0;
  const isSentAgain: Fails = ({ action }) => action === 'SendMessageCommand manifests' && tries++ < 3;
  const { hours, renewals } = await run({ fails: (call) => isS3Down([0, 30])(call) || isSentAgain(call) });
  expect(hours - 30).toBeLessThan(LATEST_CHECK_HOURS);
  expect(renewals).toBeGreaterThan(0);
}, 60_000);

test('a notice that can never be sent again waits longer, so that its receives suffice', async () => {
  const { mostReceives } = await run({
    closedForMs: 20 * HOUR_MS,
    fails: (call) => isS3Down([0, 20])(call) || call.action === 'SendMessageCommand manifests',
  });
  expect(mostReceives).toBeLessThan(119);
}, 60_000);
