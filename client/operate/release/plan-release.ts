import { RELEASE_COMMAND_TYPE, type ReleaseCommand } from '../../../lib/contract/release-command.ts';
import { KEEP_MS } from '../../../lib/contract/release-wish.ts';
import type { Outgoing } from '../../../lib/platform/send-messages.ts';
import { ROOM_STATES, type RoomRelease, type RoomState } from './room-release.ts';

/** IVS Chat's quota for DeleteRoom, in calls per second for each account and region. */
export const RELEASES_PER_SECOND = 5;

/** What should happen to the rooms that a user has named. */
export interface ReleaseIntent {
  /** When to release the rooms, in epoch milliseconds; `KEEP_MS`: keep them; undefined: now. */
  releaseAtMs: number | undefined;
  /** If a tenant is given, rooms of other tenants are left out. */
  tenant: string | undefined;
}

/** Why no command is sent for a room. `final`: the room has been released or marked. */
export type LeftOut = 'final' | 'other-tenant' | 'damaged';

/** How many rooms are in each state; states without rooms are absent. */
export type StateCounts = Partial<Record<RoomState, number>>;

/** The effects that the release commands would have. */
export interface ReleasePlan {
  total: number;
  states: StateCounts;
  /** The counts by region. Rooms whose region is not known are counted under `none`. */
  regions: Record<string, StateCounts>;
  /** The rooms for which a command would be sent. */
  toSend: RoomRelease[];
  leftOut: Partial<Record<LeftOut, number>>;
  /** How many of these rooms have another release time, and how many have a wish to keep them. The commands would replace these wishes. */
  otherTime: number;
  kept: number;
  /** How long the releases take at the quota, in all regions in parallel, not counting rooms that do not exist yet. */
  seconds: number;
}

export function planRelease(rooms: readonly RoomRelease[], intent: ReleaseIntent): ReleasePlan {
  const leftOut: ReleasePlan['leftOut'] = {};
  const toSend: RoomRelease[] = [];
  for (const room of rooms) {
    const why = leftOutBecause(room, intent);
    if (why === undefined) toSend.push(room);
    else leftOut[why] = (leftOut[why] ?? 0) + 1;
  }
  const byRegion = Map.groupBy(rooms, ({ region = 'none' }) => region);
  const replaced = toSend.filter(({ wish }) => wish !== undefined && wish.releaseAtMs !== intent.releaseAtMs);
  const kept = replaced.filter(({ wish }) => wish?.releaseAtMs === KEEP_MS).length;
  return {
    total: rooms.length,
    states: countStates(rooms),
    regions: Object.fromEntries([...byRegion].map(([region, inRegion]) => [region, countStates(inRegion)])),
    toSend,
    leftOut,
    otherTime: replaced.length - kept,
    kept,
    seconds: secondsFor(toSend),
  };
}

/** @returns undefined if a command is sent */
function leftOutBecause({ state, tenant }: RoomRelease, intent: ReleaseIntent): LeftOut | undefined {
  if (state === 'damaged') return 'damaged';
  if (state === 'marked' || state === 'released') return 'final';
  const isDecided = state === 'made';
  const isOther = intent.tenant !== undefined && tenant !== undefined && tenant !== intent.tenant;
  return isDecided && isOther ? 'other-tenant' : undefined;
}

function countStates(rooms: readonly RoomRelease[]): StateCounts {
  const counts = ROOM_STATES.map((state) => [state, rooms.filter((room) => room.state === state).length] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

function secondsFor(rooms: readonly RoomRelease[]): number {
  const existing = rooms.filter(({ state }) => state === 'made' || state === 'being-made');
  const counts = [...Map.groupBy(existing, ({ region }) => region).values()].map(({ length }) => length);
  return Math.ceil(Math.max(0, ...counts) / RELEASES_PER_SECOND);
}

/**
 * greenroom refuses a command whose `wishedAt` is more than 5 minutes later than the time at which it was sent. This limit leaves a minute
 * in reserve.
 */
const MAX_AHEAD_MS = 4 * 60_000;

/**
 * The time of all commands of one run: now, but later than the wishes that they replace. The user has seen these wishes, so the decision
 * behind the commands is later, even if the clock of another sender is ahead.
 * @param nowMs by AWS's clocks
 */
export function wishTimeMs({ toSend }: Pick<ReleasePlan, 'toSend'>, nowMs: number): number {
  const afterStanding = toSend
    .map(({ wish }) => (wish?.wishedAtMs ?? 0) + 1)
    .filter((ms) => ms <= nowMs + MAX_AHEAD_MS);
  return afterStanding.reduce((latest, ms) => Math.max(latest, ms), Math.floor(nowMs));
}

/** A release command that is ready to be sent. */
export interface PreparedRelease extends Outgoing {
  key: string;
}

/**
 * The command for a room. All commands of one run have the same time, so a copy of a command changes nothing.
 * @param wishedAtMs when the user made the decision, in epoch milliseconds of AWS's clocks
 */
export function releaseCommandFor(
  { key, region, tenant: owner = 'default' }: RoomRelease,
  { releaseAtMs, tenant }: ReleaseIntent,
  wishedAtMs: number,
): PreparedRelease {
  const command: ReleaseCommand & { type: string } = {
    type: RELEASE_COMMAND_TYPE,
    idempotencyKey: key,
    ...(releaseAtMs !== undefined && {
      releaseAt: releaseAtMs === KEEP_MS ? null : new Date(releaseAtMs).toISOString(),
    }),
    wishedAt: new Date(wishedAtMs).toISOString(),
    ...(tenant !== undefined && { tenant }),
  };
  return { key, body: JSON.stringify(command), tenant: tenant ?? owner, ...(region && { region }) };
}
