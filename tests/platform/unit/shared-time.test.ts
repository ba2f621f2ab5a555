import { describe, expect, test } from '@jest/globals';
import { createSharedTime } from '../../../lib/platform/shared-time.ts';

const TRUE_MS = 1_700_000_000_250;

/** The shared time of a worker whose clock is off by `skewMs`, after answers at these true moments. */
function learned(skewMs: number, answersAtMs: readonly number[], travelMs = 20) {
  let trueMs = TRUE_MS;
  const time = createSharedTime({ nowMs: () => trueMs + skewMs, sleep: async () => undefined });
  for (const atMs of answersAtMs) {
    trueMs = atMs + travelMs;
    time.learn({
      dateMs: Math.floor(atMs / 1_000) * 1_000,
      sentMs: atMs - travelMs + skewMs,
      receivedMs: trueMs + skewMs,
    });
  }
  return { time, errorMs: time.nowMs() - trueMs };
}

/** Answers at different places within their seconds. */
const answers = (count: number) => Array.from({ length: count }, (_, place) => TRUE_MS + place * 1_137);

describe('the time that workers share', () => {
  test('is the worker’s own clock before the first answer', () => {
    expect(learned(5_000, []).errorMs).toBe(5_000);
  });

  test.each([0, 100, -100])('does not correct a clock that may be right: off by %i ms after one answer', (skewMs) => {
    expect(learned(skewMs, answers(1)).errorMs).toBe(skewMs);
  });

  test.each([5_000, -5_000, 3_600_000])('is right to within a second after one answer: off by %i ms', (skewMs) => {
    expect(Math.abs(learned(skewMs, answers(1)).errorMs)).toBeLessThanOrEqual(1_000);
  });

  test.each([5_000, -5_000, 3_600_000, 300])('is right to within 50 ms after 50 answers: off by %i ms', (skewMs) => {
    expect(Math.abs(learned(skewMs, answers(50)).errorMs)).toBeLessThanOrEqual(50);
  });

  test('never corrects a clock that is right, however many answers arrive', () => {
    expect(learned(0, answers(500)).errorMs).toBe(0);
  });

  test('starts again when the worker’s own clock is set', () => {
    let skewMs = 0;
    let trueMs = TRUE_MS;
    const time = createSharedTime({ nowMs: () => trueMs + skewMs, sleep: async () => undefined });
    const hear = () => {
      const own = trueMs + skewMs;
      time.learn({ dateMs: Math.floor(trueMs / 1_000) * 1_000, sentMs: own, receivedMs: own });
    };
    for (const atMs of answers(20)) {
      trueMs = atMs;
      hear();
    }
    skewMs = -60_000;
    hear();
    expect(Math.abs(time.nowMs() - trueMs)).toBeLessThanOrEqual(1_000);
  });

  test('converts moments in both directions', () => {
    const { time } = learned(5_000, answers(20));
    expect(time.toOwnMs(time.toSharedMs(TRUE_MS))).toBe(TRUE_MS);
    expect(Math.abs(time.toOwnMs(TRUE_MS) - (TRUE_MS + 5_000))).toBeLessThanOrEqual(200);
  });
});
