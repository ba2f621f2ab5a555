import { createPaceTable, type PaceTable } from '../../lib/pace/pace-table.ts';
import { createPacer, type Pacer } from '../../lib/pace/pacer.ts';
import type { Slot } from '../../lib/pace/slot.ts';
import type { Clock } from '../../lib/platform/clock.ts';
import { openTables } from '../../lib/platform/tables.ts';
import { createLoneClock } from '../../simulation/lone-clock.ts';
import { createMemoryDynamoDb } from '../../simulation/memory-dynamodb.ts';
import { createVirtualClock } from '../../simulation/virtual-clock.ts';
import { memoryDynamoDbClient } from '../support/memory-dynamodb-client.ts';

export const NOW = 1_000_000;
export const SECOND = 1_000;
/** The interval between two slots at five calls a second, less the safety margin. */
export const INTERVAL = 1_000 / (5 * 0.995);
/** Half an interval at five calls a second: how late a call may be. */
export const HEAD_START = 100;
export const REGION = 'eu-west-1';
/** An open breaker is probed after a minute, then after five minutes, and then every fifteen minutes. */
export const SCHEDULE = [60, 300, 900];

/** One pace table, and any number of workers with their own pacers. */
export interface PaceSetting {
  clock: Clock & { set(ms: number): void };
  table: PaceTable;
  /** The stored item of an API in the region. */
  stored(api?: string): Record<string, unknown> | undefined;
  /** The pacer of a worker whose clock is off by `skewMs`, of a stage with `callsPerSecond` as its share of the quota. */
  newPacer(worker?: {
    skewMs?: number;
    callsPerSecond?: number;
    probeScheduleSeconds?: readonly number[];
    onPulledBack?(): void;
  }): Pacer;
}

export function createPaceSetting(): PaceSetting {
  const memory = createMemoryDynamoDb();
  const time = createVirtualClock(NOW);
  const clock = {
    ...createLoneClock(time, { longestMs: Number.POSITIVE_INFINITY, movesTime: true }),
    set: (ms: number) => time.pass(ms - time.nowMs()),
  };
  // Only answers to a worker with a wrong clock have a date, because a date in whole seconds cannot correct a clock that is right.
  const tableOf = (own: Clock, dated: boolean) =>
    createPaceTable(openTables(memoryDynamoDbClient(memory, dated ? clock.nowMs : undefined), own), 'pace');
  return {
    clock,
    table: tableOf(clock, false),
    stored: (api = 'CreateRoom') => memory.items('pace').find(({ id }) => id?.S === `${REGION}#${api}`),
    newPacer({ skewMs = 0, callsPerSecond = 5, probeScheduleSeconds = SCHEDULE, onPulledBack } = {}) {
      const own = { ...clock, nowMs: () => clock.nowMs() + skewMs };
      const settings = { callsPerSecond, probeScheduleSeconds, ...(onPulledBack && { onPulledBack }) };
      return createPacer(tableOf(own, skewMs !== 0), settings);
    },
  };
}

/** The moment of the n-th slot after idleness, counted from 0. The slots after the first one include the head start. */
export const slotAt = (place: number, fromMs = NOW) => (place === 0 ? fromMs : fromMs + HEAD_START + place * INTERVAL);

/** The moments of the first slots after idleness. */
export const inARow = (fromMs: number, count: number) =>
  Array.from({ length: count }, (_, place) => slotAt(place, fromMs));

/** The slots that one reservation gets. @throws Error if it gets none */
export async function reserve(
  pacer: Pacer,
  request: Partial<Parameters<Pacer['reserve']>[0]> & { latestMs: number },
): Promise<Slot[]> {
  const reservation = await pacer.reserve({ region: REGION, api: 'CreateRoom', count: 1, ...request });
  if (reservation.kind !== 'slots') throw new Error(`No slot but ${JSON.stringify(reservation)}`);
  return reservation.slots;
}

export const momentsOf = (slots: readonly Slot[]) => slots.map(({ atMs }) => Math.round(atMs * 1_000) / 1_000);
export const rounded = (moments: readonly number[]) => moments.map((ms) => Math.round(ms * 1_000) / 1_000);
