import { beforeAll, describe, expect, test } from '@jest/globals';
import { runWrongJob } from '../../bench/releases/run-wrong-job.ts';
import { installVirtualTime } from '../../simulation/virtual-time.ts';

const MINUTE_MS = 60_000;
const GRACE_MS = 15 * MINUTE_MS;
const ROOMS = 500;

beforeAll(installVirtualTime);

const release = (task: { noticedAfterMs: number; stops: boolean }) =>
  runWrongJob({ kind: 'wrong-job', rooms: ROOMS, seed: 1, ...task });

describe('a person who releases the wrong job of 500 rooms', () => {
  test('loses no room if they withdraw after ten minutes, within the grace period', async () => {
    const result = await release({ noticedAfterMs: 10 * MINUTE_MS, stops: false });
    expect(result).toEqual({
      lost: [],
      listed: [],
      tooLate: [],
      confirmed: ROOMS,
      lastDeleteAfterMs: null,
      problems: {},
    });
  });

  describe('and notices it after the grace period,', () => {
    const late = { noticedAfterMs: GRACE_MS + MINUTE_MS };

    test('stops the releases within a second, and greenroom lists exactly the rooms that are gone', async () => {
      const result = await release({ ...late, stops: true });
      expect(result.lost.length).toBeGreaterThan(20);
      expect(result.lost.length).toBeLessThan(ROOMS);
      expect(result.lost.every((key) => key.startsWith('wrong-'))).toBe(true);
      expect(result.listed).toEqual(result.lost.toSorted());
      expect(result.tooLate).toEqual(result.listed);
      expect(result.confirmed).toBe(ROOMS - result.lost.length);
      expect(result.lastDeleteAfterMs ?? 0).toBeLessThan(1_000);
      expect(result.problems).toEqual({});
    });

    // Control: the releases continue until their withdrawals are handled.
    test('loses rooms for longer than a second if they only withdraw', async () => {
      const result = await release({ ...late, stops: false });
      expect(result.lastDeleteAfterMs).toBeGreaterThan(1_000);
      expect(result.listed).toEqual(result.lost.toSorted());
    });
  });
});
