import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { outranks } from '../../lib/contract/release-wish.ts';
import {
  isClaimed,
  type LedgerItem,
  parseStoredItem,
  type RoomItem,
  type StoredItem,
} from '../../lib/ledger/ledger-item.ts';
import { openWish, wishOf } from '../../lib/ledger/wish.ts';
import { config } from '../fixtures/simulated-stage.ts';
import { commandAsker } from './askers.ts';
import { ledgerItems } from './expiry.ts';
import { Violation } from './invariants.ts';
import { releaseEventsAmong } from './published.ts';
import type { PacedCall } from './release-part.ts';
import type { ScenarioCommand } from './release-plan.ts';
import { outagesOf, type World } from './world.ts';

const MINUTE_MS = 60_000;
/** The longest wait after a failed DeleteRoom is an hour. The index may be five minutes late, and a run takes a minute. */
const RECOVERY_MS = 120 * MINUTE_MS;
const WINDOW_MS = 5_000;
/** Workers agree on the time to about a second. */
const TOLERANCE_MS = 1_000;
const BURST = 2;

/** The items, and the last state of those that have expired. */
function itemsOf(world: World) {
  return ledgerItems(world).map((item) => parseStoredItem(item as unknown as Record<string, AttributeValue>));
}

/** Whether all release times have passed, and no room waits for its release. */
export function areReleasesOver({ releases, time, dynamodb }: World): boolean {
  if (releases === undefined) return true;
  if (time.nowMs() < releases.plan.lastDueMs + 2 * MINUTE_MS || releases.active > 0) return false;
  return !dynamodb.items('ledger').some((item) => item.release_shard !== undefined);
}

/** When all faults of the releaser have ended. */
export function releasesRecoverMs(world: World): number {
  const { plan } = world.releases ?? {};
  const outagesEndMs = outagesOf(world).map(({ untilMs }) => untilMs);
  return Math.max(plan?.calmFromMs ?? 0, plan?.lastDueMs ?? 0, plan?.stop?.untilMs ?? 0, ...outagesEndMs);
}

/** Holds all along: after the faults, every room that is due is released soon. */
export function checkOverdue(world: World): void {
  const nowMs = world.time.nowMs();
  const recoverMs = releasesRecoverMs(world);
  if (nowMs <= recoverMs + RECOVERY_MS) return;
  for (const item of itemsOf(world)) {
    if (!isClaimed(item) || item.decision !== 'room') continue;
    const wish = openWish(item);
    const sinceMs = Math.max(recoverMs, wish?.dueAtMs ?? 0, item.decided_at);
    if (wish && nowMs > sinceMs + RECOVERY_MS)
      throw new Violation(
        `I16: the room of ${item.idempotency_key} is due since ${new Date(wish.dueAtMs).toISOString()}`,
      );
  }
}

/** Holds at the end: releases and commands are announced as they happened. */
export function checkReleases(world: World): void {
  const events = releaseEventsAmong(world.messaging.published);
  const released = events.filter(({ type }) => type === 'greenroom.room.released.v1');
  for (const [subject, group] of Map.groupBy(released, (event) => event.subject))
    if (new Set(group.map((each) => JSON.stringify(each))).size > 1)
      throw new Violation(`I17: the copies of the release of ${subject} differ`);
  for (const item of itemsOf(world)) if (isClaimed(item)) checkItem(item, world);
  for (const command of world.releases?.plan.commands ?? []) checkCommand(command, world);
}

function checkItem(item: LedgerItem, { messaging }: World): void {
  if (item.decision !== 'room' || item.release_marked_at === undefined) return;
  if (item.released_at === undefined)
    throw new Violation(`I16: the release of ${item.idempotency_key} is never finished`);
  if (!messaging.published.some(({ body }) => isSame(body, item)))
    throw new Violation(`I17: the release of ${item.idempotency_key} is not announced as it was decided`);
}

function isSame(body: string, { released_event }: RoomItem): boolean {
  return body === released_event || JSON.stringify(JSON.parse(body)) === released_event;
}

/** Every command has an answer, and an answer that says `scheduled` is true. */
function checkCommand(command: ScenarioCommand, world: World): void {
  const { messaging } = world;
  const name = `command ${command.number}`;
  const answers = releaseEventsAmong(messaging.published.filter(({ attributes }) => attributes.correlationId === name));
  if (answers.length === 0) throw new Violation(`I15: ${name} has no answer`);
  const { wish } = commandAsker(command);
  const item = itemsOf(world).find((each) => each.idempotency_key === command.idempotencyKey);
  for (const { data } of answers) {
    if (data.outcome === 'released') throw new Violation(`I15: ${name} is answered with released`);
    if (wish === undefined) {
      if (data.outcome !== 'release-failed') throw new Violation(`I15: ${name} is invalid, but it is scheduled`);
      continue;
    }
    const stored = wishOf(item);
    const isLost = stored === undefined || outranks(wish, stored);
    if (data.outcome === 'release-scheduled' && isLost)
      throw new Violation(`I18: ${name} is scheduled, but its wish is lost`);
    if (data.outcome === 'release-failed') checkRefusal(name, data.reason, command, item);
  }
}

function checkRefusal(name: string, reason: string, { tenant }: ScenarioCommand, item: StoredItem | undefined): void {
  const claimed = isClaimed(item) ? item : undefined;
  const isRight = {
    'too-late': claimed?.decision === 'room' && claimed.release_marked_at !== undefined,
    'other-tenant': tenant !== undefined && claimed?.tenant !== tenant,
    outdated: claimed !== undefined && claimed.generation > 0,
  }[reason];
  if (isRight !== true) throw new Violation(`I18: ${name} is refused as ${reason}`);
}

/** Holds at the end: the calls of releasers and sweepers keep the quota, however many of them work at the same time. */
export function checkQuota({ releases }: World): void {
  const most = Math.floor(((WINDOW_MS + TOLERANCE_MS) * config.callsPerSecond) / 1_000) + BURST;
  for (const [api, calls] of Map.groupBy(releases?.pacedCalls ?? [], (call) => call.api)) {
    const count = mostWithin(calls, WINDOW_MS);
    if (count > most) throw new Violation(`I19: ${count} calls of ${api} are sent within ${WINDOW_MS / 1000} s`);
  }
}

function mostWithin(calls: readonly PacedCall[], windowMs: number): number {
  const counts = calls.map(
    ({ sentAtMs }) =>
      calls.filter((other) => other.sentAtMs >= sentAtMs && other.sentAtMs < sentAtMs + windowMs).length,
  );
  return Math.max(0, ...counts);
}
