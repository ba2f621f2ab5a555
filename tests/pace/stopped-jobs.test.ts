import { beforeEach, describe, expect, test } from '@jest/globals';
import { shortJobId } from '../../lib/contract/short-job-id.ts';
import { forgetStoppedJob, MAX_STOPPED_JOBS, stopJob } from '../../lib/pace/stopped-jobs.ts';
import { createPaceSetting, type PaceSetting, REGION, reserve, SECOND } from './pace-setting.ts';

let setting: PaceSetting;
beforeEach(() => {
  setting = createPaceSetting();
});

const job = (number: number) => String(number).padStart(12, '0');
const stop = (number: number) => setting.table.update(REGION, 'CreateRoom', stopJob(job(number)));
const forget = (number: number) => setting.table.update(REGION, 'CreateRoom', forgetStoppedJob(job(number)));
/** The stored jobs. A write whose condition fails returns the item. */
const stopped = async () => [...((await forget(0)).item.stopped_jobs ?? [])].sort();

describe('the short id of a job', () => {
  test.each([
    ['a bulk job has one', 'ab'.repeat(32), 'abababababab'],
    ['a live event has none, even if its id begins with the id of a job', `${'ab'.repeat(32)}#1`, undefined],
    ['a request without a roster has none', undefined, undefined],
  ])('%s', (_claim, roster, short) => {
    expect(shortJobId(roster)).toBe(short);
  });
});

describe('the stopped jobs of a region', () => {
  test('can be stopped and forgotten any number of times', async () => {
    expect((await forget(1)).written).toBe(false);
    for (const number of [1, 1, 2]) expect((await stop(number)).written).toBe(true);
    expect(await stopped()).toEqual([job(1), job(2)]);
    await forget(1);
    await forget(1);
    expect(await stopped()).toEqual([job(2)]);
    await forget(2);
    expect(await stopped()).toEqual([]);
  });

  test('have a maximum number: another job is refused, and a job that is already stopped is not', async () => {
    for (let number = 1; number <= MAX_STOPPED_JOBS; number++) await stop(number);
    expect((await stop(99)).written).toBe(false);
    expect((await stop(3)).written).toBe(true);
    expect(await stopped()).toHaveLength(MAX_STOPPED_JOBS);
    await forget(3);
    expect((await stop(99)).written).toBe(true);
  });

  test('are known to a worker from its next write, in every region, and also after they are forgotten', async () => {
    const worker = setting.newPacer();
    await stop(1);
    expect(worker.isStopped(job(1))).toBe(false);
    await reserve(worker, { latestMs: setting.clock.nowMs() + SECOND });
    await forget(1);
    await reserve(worker, { latestMs: setting.clock.nowMs() + SECOND });
    expect([worker.isStopped(job(1)), worker.isStopped(job(2)), worker.isStopped(undefined)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

/**
 * The size of an item, by DynamoDB's rules: the names and values in UTF-8, and for a number a byte for every two significant digits and
 * another one. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
function sizeOf(item: Record<string, string | number | readonly string[]>): number {
  const digits = (value: number) => Math.ceil(String(value).replace(/\D/g, '').length / 2) + 1;
  const valueSize = (value: string | number | readonly string[]): number =>
    typeof value === 'number' ? digits(value) : typeof value === 'string' ? value.length : value.join('').length;
  return Object.entries(item).reduce((sum, [name, value]) => sum + name.length + valueSize(value), 0);
}

test('the longest item of a region with a closed breaker is smaller than 1 KB, which costs one unit per reservation', () => {
  const nowMs = 1_767_225_600_000.123;
  const hash = 'f'.repeat(64);
  const longest = {
    id: 'ap-northeast-1#CreateRoom',
    rate: 1.2345678901234567,
    rate_at: 1_767_225_600_000,
    denied_keys: [hash, hash, hash],
    denied_tenants: [hash, hash, hash],
    denials_outlived_at: nowMs,
    deployed_ceiling: 4.9876543210987654,
    ceiling: 4.9876543210987654,
    interactive_ceiling: 4.9876543210987654,
    bulk_ceiling: 4.9876543210987654,
    interactive_paused_until: nowMs,
    bulk_paused_until: nowMs,
    stopped_jobs: Array.from({ length: MAX_STOPPED_JOBS }, () => 'f'.repeat(shortJobId(hash)?.length ?? 64)),
  };
  // DynamoDB adds intervals to these times, and calculates with up to 38 digits.
  const longestTimes = ['free_at', 'interactive_free_at', 'bulk_free_at'].reduce(
    (sum, { length }) => sum + length + 21,
    0,
  );
  expect(sizeOf(longest) + longestTimes).toBeLessThan(1_024);
  // The control: whole ids would not fit.
  const stopped_jobs = Array.from({ length: MAX_STOPPED_JOBS }, () => hash);
  expect(sizeOf({ ...longest, stopped_jobs }) + longestTimes).toBeGreaterThan(1_024);
});
