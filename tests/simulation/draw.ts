import type { Random } from '../../lib/platform/backoff.ts';

export const MINUTE_MS = 60_000;

/** The draws of one plan. */
export interface Draw {
  random: Random;
  pick: <Item>(items: readonly Item[]) => Item;
  startMs: number;
  chance(probability: number): boolean;
  /** A time up to so many minutes after another one. */
  after(fromMs: number, minutes: number): number;
}

export function createDraw(random: Random, startMs: number): Draw {
  return {
    random,
    startMs,
    pick: (items) => items[Math.floor(random() * items.length)] ?? fail(),
    chance: (probability) => random() < probability,
    after: (fromMs, minutes) => fromMs + Math.floor(random() * minutes * MINUTE_MS),
  };
}

/** A release time: one that comes at about the time of the room, soon after it, or much later. */
export function drawTime(fromMs: number, { chance, after, pick }: Draw): number {
  return chance(0.35) ? fromMs - 5_000 + after(0, 1) : after(fromMs, pick([2, 25, 100]));
}

function fail(): never {
  throw new Error('There is nothing to choose from');
}
