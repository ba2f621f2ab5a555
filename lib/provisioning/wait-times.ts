import type { Random } from '../platform/backoff.ts';

/**
 * How long to postpone a message that has been received `receiveCount` times: the schedule's entry for it, the last one
 * from then on, plus up to a fifth, so that what was postponed together does not come back together.
 */
export function postponeMs(receiveCount: number, scheduleSeconds: readonly number[], random: Random): number {
  const step = Math.min(Math.max(receiveCount, 1), scheduleSeconds.length) - 1;
  const seconds = scheduleSeconds[step] ?? 0;
  return Math.floor(seconds * 1000 * (1 + random() / 5));
}

const PATIENCE_STEP_MS = 1_000;
const MOST_PATIENCE_MS = 3_600_000;

/**
 * How much longer than to its turn a message is postponed that finds no slot, received `receiveCount` times. Who is turned
 * away again and again stands behind a long line of more urgent requests; asking as often as at first, it would use up its
 * receives and end as a dead letter.
 */
export function patienceMs(receiveCount: number): number {
  return Math.min(MOST_PATIENCE_MS, PATIENCE_STEP_MS * (receiveCount - 1) ** 2);
}
