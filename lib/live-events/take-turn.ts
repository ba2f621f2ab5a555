import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { ceilingOf, pausedNow } from '../pace/operator-settings.ts';
import type { PaceItem } from '../pace/pace-item.ts';
import { readPace } from '../pace/pace-table.ts';
import { rateAt } from '../pace/rate.ts';
import { transact } from '../platform/transact.ts';
import { transactionUpdate } from '../platform/update-expression.ts';
import { liveEventKey, type PendingEvent } from './live-event-item.ts';
import type { LiveEventServices } from './live-event-services.ts';
import { backlogWrite, readBacklog } from './region-backlog.ts';
import { type OutstandingRooms, outstandingByRegion } from './rooms-found.ts';
import { isInLastMinute, LAST_MINUTE_MS, noteExpected, roomsDueBefore } from './waiting-events.ts';

/** Whether an event may request its rooms now. `readyByMs`: when all of its rooms are expected to exist, at the current rate. */
export type Turn =
  | { kind: 'now'; readyByMs: number }
  | { kind: 'later'; untilMs: number; readyByMs: number }
  /** Another worker has opened, moved or cancelled the event since it was read. */
  | { kind: 'changed' };

/**
 * How long the creation of the requested rooms may take: long enough to use the whole quota, but not so long that rooms are created out of
 * order.
 */
const AHEAD_MS = 8_000;
/** A waiting event is examined again about this long before its turn. */
const EXAMINED_BEFORE_TURN_MS = 5_000;
const CONTENDED_FOR_MS = 60_000;
const CONTENDED_SHARE = 0.85;
const MAX_RACES = 5;
const NEVER_MS = Number.MAX_SAFE_INTEGER;
/** How long a room takes from its request, excluding the wait for the quota. */
const UNDERWAY_MS = 3_000;

/**
 * Decides whether an event may request its rooms, so that events request them in the order of their starts and at the rate that the quota
 * allows. An event waits as long as the rooms of the backlog, and of due events that start earlier, take more than eight seconds to create.
 * In the last minute before its start, an event does not wait for a backlog that contains rooms of an event that starts later. One
 * transaction opens an event and adds its rooms to the backlogs.
 */
export async function takeTurn(event: PendingEvent, services: LiveEventServices, signal: AbortSignal): Promise<Turn> {
  const { toRequest, underWay } = await outstandingNow(event, services);
  const wanting = { ...event, rooms_by_region: toRequest };
  let lastReadyByMs = 0;
  for (let race = 0; race < MAX_RACES; race++) {
    const nowMs = services.clock.nowMs();
    const { turnMs, readyByMs, backlogWrites } = await estimate(wanting, underWay, nowMs, services);
    if (turnMs > nowMs + AHEAD_MS) {
      const untilMs = examineAgainMs(event, turnMs, nowMs);
      const isNoted = await noteExpected(event, { expectedAtMs: untilMs, missing: toRequest }, services);
      return isNoted ? { kind: 'later', untilMs, readyByMs } : { kind: 'changed' };
    }
    const writes = [openingWrite(event, nowMs, readyByMs, services), ...backlogWrites];
    const result = await transact(services.clients.dynamodb, writes, { ...services, signal });
    if (result.written) return { kind: 'now', readyByMs };
    if (result.failed.has(0)) return { kind: 'changed' };
    lastReadyByMs = readyByMs;
  }
  return { kind: 'later', untilMs: services.clock.nowMs() + services.random() * 2_000, readyByMs: lastReadyByMs };
}

/**
 * The missing rooms of an event. Only an event that was moved after its opening may already have rooms, which need no quota, or rooms under
 * way, which are already in the backlog.
 */
async function outstandingNow(event: PendingEvent, services: LiveEventServices): Promise<OutstandingRooms> {
  const isMoved = event.opened_revisions.size > 0;
  return isMoved
    ? outstandingByRegion(event, services.config.defaultRegion, services)
    : { toRequest: event.rooms_by_region, underWay: {} };
}

/**
 * When to examine a waiting event again: shortly before its turn, or halfway to it if that is earlier, because the rate may have risen by
 * then. The event is also examined a minute before its start, because a warning that it will be late must be published before the start.
 */
function examineAgainMs(event: PendingEvent, turnMs: number, nowMs: number): number {
  const byTurnMs = Math.min(turnMs - EXAMINED_BEFORE_TURN_MS, (nowMs + turnMs) / 2);
  return isInLastMinute(event, nowMs) ? byTurnMs : Math.min(byTurnMs, event.starts_at - LAST_MINUTE_MS);
}

/**
 * Estimates each region separately, because each has its own quota. The slowest region determines the result. Other programs may use the quota too,
 * so the estimate uses the rate that the workers have reached without being throttled. An open breaker delays `readyByMs` but not the turn,
 * because only requests can find out whether the breaker may close.
 */
async function estimate(
  event: PendingEvent,
  underWay: Readonly<Record<string, number>>,
  nowMs: number,
  services: LiveEventServices,
) {
  const wanted = Object.entries(event.rooms_by_region).filter(([, rooms]) => rooms > 0);
  const busyUntilMs = await underWayUntilMs(underWay, nowMs, services);
  // All rooms of the event exist or are under way, so its requests need no quota.
  if (wanted.length === 0) return { turnMs: nowMs, readyByMs: Math.ceil(busyUntilMs) + UNDERWAY_MS, backlogWrites: [] };
  const earlier = await roomsDueBefore(event, nowMs, services);
  const regions = await Promise.all(
    wanted.map(([region, rooms]) =>
      estimateRegion(region, { rooms, earlierRooms: earlier.get(region) ?? 0 }, event, nowMs, services),
    ),
  );
  return {
    turnMs: Math.max(...regions.map(({ turnMs }) => turnMs)),
    readyByMs: Math.ceil(Math.max(busyUntilMs, ...regions.map(({ readyByMs }) => readyByMs)) + UNDERWAY_MS),
    backlogWrites: regions.map(({ write }) => write),
  };
}

async function estimateRegion(
  region: string,
  { rooms, earlierRooms }: { rooms: number; earlierRooms: number },
  event: PendingEvent,
  nowMs: number,
  services: LiveEventServices,
) {
  const paceTable = { dynamodb: services.clients.dynamodb, tableName: services.config.paceTable };
  const [backlog, pace] = await Promise.all([readBacklog(region, services), readPace(paceTable, region, 'CreateRoom')]);
  const msPerRoom = 1000 / plannedRate(pace, nowMs, services);
  const hasLaterStart = backlog.latestUntilMs > nowMs && backlog.latestStartMs > event.starts_at;
  const ignoresBacklog = hasLaterStart && isInLastMinute(event, nowMs);
  const earlierMs = earlierRooms * msPerRoom;
  const takesMs = rooms * msPerRoom;
  // A pause without an end cannot be part of the estimate. The event's check warns if rooms are missing.
  const closedUntilMs = Math.max(pace.open_until ?? 0, pausedNow(pace, 'interactive', nowMs)?.untilMs ?? 0);
  const mostBusyUntilMs = ignoresBacklog ? NEVER_MS : nowMs + AHEAD_MS;
  return {
    turnMs: (ignoresBacklog ? nowMs : Math.max(nowMs, backlog.busyUntilMs)) + earlierMs,
    readyByMs: Math.max(nowMs, backlog.busyUntilMs, closedUntilMs) + earlierMs + takesMs,
    write: backlogWrite(region, backlog, { startsAtMs: event.starts_at, nowMs, takesMs, mostBusyUntilMs }, services),
  };
}

/** When the rooms that an event has already requested should exist, according to the backlogs that contain them. */
async function underWayUntilMs(
  underWay: Readonly<Record<string, number>>,
  nowMs: number,
  services: LiveEventServices,
): Promise<number> {
  const regions = Object.entries(underWay).filter(([, rooms]) => rooms > 0);
  const backlogs = await Promise.all(regions.map(([region]) => readBacklog(region, services)));
  return Math.max(nowMs, ...backlogs.map(({ busyUntilMs }) => busyUntilMs));
}

/**
 * The rate to plan with. While other programs use the quota too, some calls are throttled and create no room. If the plan used the full
 * rate, requests would pile up in the lane.
 */
function plannedRate(pace: PaceItem, nowMs: number, { config }: LiveEventServices): number {
  // If there is no rate, the last change was not a throttle: an operator set the ceiling.
  const isContended = pace.rate !== undefined && nowMs - (pace.rate_at ?? 0) < CONTENDED_FOR_MS;
  const rate = rateAt(pace, nowMs, ceilingOf(pace, config.callsPerSecond)) * (isContended ? CONTENDED_SHARE : 1);
  return Math.min(rate, pace.interactive_ceiling ?? rate);
}

function openingWrite(
  event: PendingEvent,
  nowMs: number,
  readyByMs: number,
  { config }: LiveEventServices,
): TransactWriteItem {
  return {
    Update: transactionUpdate({
      tableName: config.rosterTable,
      key: liveEventKey(event.live_event_id),
      update: 'SET live_state = :opened, opened_at = :now, ready_by = :ready_by ADD opened_revisions :revisions',
      condition: 'live_state = :pending AND revision = :revision',
      values: {
        opened: 'opened',
        pending: 'pending',
        now: nowMs,
        ready_by: readyByMs,
        revision: event.revision,
        revisions: new Set([event.revision]),
      },
    }),
  };
}
