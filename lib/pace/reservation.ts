import type { Lane } from '../contract/lanes.ts';
import { type CallLane, isNotPaused } from './operator-settings.ts';
import type { PaceItem } from './pace-item.ts';
import type { PaceUpdate } from './pace-table.ts';
import { cutRate } from './rate.ts';
import type { RotationChange } from './turns.ts';

/** The slots that a worker wants to reserve. Times are in the shared time. */
export interface WantedSlots {
  /** The lane of the calls, if an operator may pause it or limit its rate. */
  lane?: CallLane | undefined;
  count: number;
  nowMs: number;
  intervalMs: number;
  headStartMs: number;
  latestMs: number;
  /** The ceiling with which this worker is deployed. */
  deployedCeiling: number;
  /** Present for bulk calls that take turns. */
  rotation?: RotationChange | undefined;
}

/** Whether all reserved slots have passed. */
export function isIdle(seen: PaceItem, nowMs: number): boolean {
  return seen.free_at <= nowMs;
}

/** A sequence of slots: the region's, or a lane's if the lane has its own ceiling. */
interface Sequence {
  attribute: 'free_at' | `${Lane}_free_at`;
  freeAtMs: number;
  intervalMs: number;
  /** The extra distance between the first two slots after an idle period. */
  headStartMs: number;
}

/** A call of a lane with its own ceiling needs a slot in both sequences. */
function sequencesOf(seen: PaceItem, { lane, intervalMs, headStartMs }: WantedSlots): Sequence[] {
  const region: Sequence = { attribute: 'free_at', freeAtMs: seen.free_at, intervalMs, headStartMs };
  if (lane === undefined || lane === 'releases') return [region];
  const ceiling = seen[`${lane}_ceiling`];
  if (ceiling === undefined) return [region];
  const attribute = `${lane}_free_at` as const;
  return [region, { attribute, freeAtMs: seen[attribute] ?? 0, intervalMs: 1000 / ceiling, headStartMs: 0 }];
}

/** The number of free slots up to `latestMs`, at most `count`. */
export function countThatFits(seen: PaceItem, wanted: WantedSlots): number {
  return Math.min(wanted.count, ...sequencesOf(seen, wanted).map((sequence) => countIn(sequence, wanted)));
}

function countIn({ freeAtMs, intervalMs, headStartMs }: Sequence, { nowMs, latestMs }: WantedSlots): number {
  const firstMs = Math.max(nowMs, freeAtMs);
  if (firstMs > latestMs) return 0;
  const restMs = latestMs - firstMs - (freeAtMs <= nowMs ? headStartMs : 0);
  return 1 + Math.max(0, Math.floor(restMs / intervalMs));
}

/** When the next slot for these calls is free, as far as this worker knows. */
export function nextFreeMs(seen: PaceItem, wanted: WantedSlots): number {
  return Math.max(wanted.nowMs, ...sequencesOf(seen, wanted).map(({ freeAtMs }) => freeAtMs));
}

/** The write that reserves slots. They follow the slots that others have reserved or, if there are none, begin now. */
export function reservation(seen: PaceItem, wanted: WantedSlots): Required<PaceUpdate> {
  const { lane, nowMs, deployedCeiling, rotation } = wanted;
  const isKnown = seen.deployed_ceiling === deployedCeiling;
  const steps = sequencesOf(seen, wanted).map((sequence) => advance(sequence, wanted));
  const conditions = [
    'attribute_not_exists(open_until)',
    ...(lane === undefined ? [] : [isNotPaused(lane)]),
    rateIsAsSeen(seen),
    ...steps.map(({ condition }) => condition),
  ];
  const sets = [...steps.map(({ set }) => set), ...(isKnown ? [] : ['deployed_ceiling = :deployed'])];
  return {
    update: withRotation(`SET ${sets.join(', ')}`, rotation),
    condition: conditions.join(' AND '),
    values: {
      now: nowMs,
      ...rateSeen(seen),
      ...(!isKnown && { deployed: deployedCeiling }),
      ...rotationValues(rotation),
      ...Object.assign({}, ...steps.map(({ values }) => values)),
    },
  };
}

function rotationValues(rotation: RotationChange | undefined): Record<string, number | Set<number>> {
  if (!rotation) return {};
  const { lead, last, seats } = rotation;
  return {
    ...(lead && { lead: lead.leadMs, lead_until: lead.untilMs }),
    ...(last !== undefined && { last }),
    ...(seats && seats.action !== 'REMOVE' && { seats: seats.values }),
  };
}

function withRotation(sets: string, rotation: RotationChange | undefined): string {
  if (!rotation) return sets;
  const { lead, last, seats } = rotation;
  const more = [
    sets,
    ...(last === undefined ? [] : ['bulk_last = :last']),
    ...(lead ? ['bulk_lead = :lead', 'bulk_lead_until = :lead_until'] : []),
  ].join(', ');
  switch (seats?.action) {
    case undefined:
      return more;
    case 'SET':
      return `${more}, bulk_rotation = :seats`;
    case 'REMOVE':
      return `${more} REMOVE bulk_rotation`;
    default:
      return `${more} ${seats?.action} bulk_rotation :seats`;
  }
}

function advance(
  { attribute, freeAtMs, intervalMs, headStartMs }: Sequence,
  { count, nowMs, latestMs }: WantedSlots,
): { set: string; condition: string; values: Record<string, number> } {
  const value = (name: string) => `${attribute}_${name}`;
  return freeAtMs <= nowMs
    ? {
        set: `${attribute} = :${value('next')}`,
        condition: `(attribute_not_exists(${attribute}) OR ${attribute} <= :now)`,
        values: { [value('next')]: nowMs + headStartMs + count * intervalMs },
      }
    : {
        set: `${attribute} = ${attribute} + :${value('step')}`,
        condition: `${attribute} BETWEEN :now AND :${value('latest')}`,
        values: {
          [value('step')]: count * intervalMs,
          [value('latest')]: latestMs - (count - 1) * intervalMs,
        },
      };
}

/**
 * The write that cuts the rate for all workers after a throttle. If several workers are throttled together, only the first write succeeds.
 */
export function rateCut(seen: PaceItem, nowMs: number, ceiling: number): Required<PaceUpdate> {
  return {
    update: 'SET rate = :rate, rate_at = :now',
    condition: rateIsAsSeen(seen),
    values: { rate: cutRate(seen, nowMs, ceiling), now: Math.round(nowMs), ...rateSeen(seen) },
  };
}

/**
 * Resets a next free slot that no worker with a correct clock can have stored. The condition compares the stored time with a bound, and not
 * with the time that the worker has seen, which may be inexact: DynamoDB calculates with up to 38 decimal digits, and a JavaScript number
 * has about seventeen.
 */
export function pullBack(attribute: Sequence['attribute'], nowMs: number, tooFarMs: number): Required<PaceUpdate> {
  return {
    update: `SET ${attribute} = :now`,
    condition: `${attribute} > :too_far`,
    values: { now: nowMs, too_far: tooFarMs },
  };
}

/** The sequence whose next free slot is later than `tooFarMs`, if there is one. */
export function sequenceTooFarAhead(
  seen: PaceItem,
  wanted: WantedSlots,
  tooFarMs: number,
): Sequence['attribute'] | undefined {
  return sequencesOf(seen, wanted).find(({ freeAtMs }) => freeAtMs > tooFarMs)?.attribute;
}

/**
 * The condition that the stored rate is still the one from which this worker computed the interval. No other condition on a pace item tests
 * numbers for equality. This one is safe, because `rate_at` is in whole milliseconds, and every write adds whole milliseconds to it.
 */
function rateIsAsSeen({ rate_at }: PaceItem): string {
  return rate_at === undefined ? 'attribute_not_exists(rate_at)' : 'rate_at = :rate_at';
}

function rateSeen({ rate_at }: PaceItem): Record<string, number> {
  return rate_at === undefined ? {} : { rate_at: rate_at };
}
