import type { FailureKind } from '../platform/classify-failure.ts';

/**
 * Why a room that is due was not released.
 *
 * - `throttled`, `never-sent`: several slots were used, and none of the calls had an effect.
 * - `unknown`: the call may have had an effect, or may have one later. The next call shows whether the room still exists.
 * - `conflict`: IVS Chat does not document this answer for DeleteRoom.
 * - `denied`: the permission to delete the room is missing, the account is blocked, or the credentials belong to another account.
 * - `refused`: IVS Chat rejected the call as invalid.
 * - `no-time`: the worker was too late for each of its slots.
 * - `switched-off`: the deployment releases no rooms. Only releases that were marked before are finished.
 */
export type Delay =
  | 'throttled'
  | 'never-sent'
  | 'unknown'
  | 'conflict'
  | 'denied'
  | 'refused'
  | 'no-time'
  | 'switched-off';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How long to wait if only a person can remove the reason. The wait depends on how long this reason has lasted. */
const STEPS = [
  { untilMs: MINUTE_MS, waitMs: MINUTE_MS },
  { untilMs: 6 * MINUTE_MS, waitMs: 5 * MINUTE_MS },
  { untilMs: 21 * MINUTE_MS, waitMs: 15 * MINUTE_MS },
];

/**
 * When a releaser looks at the item of a delayed release again. Usually, it looks again after a minute. If an early retry would not help,
 * it looks again after 1, 5, 15 and 60 minutes. While releases are switched off, unmarked items must not stay at the head of the index,
 * where they would hide marked ones.
 * @param deniedSinceMs the time since which the calls of this release have been denied. The wait must not depend on the time at which the
 *   room became due. Otherwise a room that has been due for hours, for example because releases were stopped, would wait for an hour after
 *   its first denial
 */
export function lookAgainAtMs(delay: Delay, { nowMs, deniedSinceMs = nowMs }: DelayTimes): number {
  switch (delay) {
    case 'refused':
      return nowMs + HOUR_MS;
    case 'switched-off':
      return nowMs + 15 * MINUTE_MS;
    case 'conflict':
    case 'denied':
      return nowMs + (STEPS.find(({ untilMs }) => nowMs - deniedSinceMs < untilMs)?.waitMs ?? HOUR_MS);
    default:
      return nowMs + MINUTE_MS;
  }
}

interface DelayTimes {
  nowMs: number;
  deniedSinceMs?: number | undefined;
}

/** Whether the waits grow with the time for which the reason has lasted, so that this time must be stored. */
export function isDenial(delay: Delay): boolean {
  return delay === 'conflict' || delay === 'denied';
}

/** The delay that a failed call causes. */
export function delayOf(kind: FailureKind): Delay {
  switch (kind) {
    case 'throttled':
    case 'never-sent':
    case 'conflict':
    case 'denied':
      return kind;
    case 'blocked':
      return 'denied';
    case 'refused':
    case 'not-found':
    case 'quota':
      return 'refused';
    default:
      return 'unknown';
  }
}
