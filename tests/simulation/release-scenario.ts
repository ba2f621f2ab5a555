import type { Random } from '../../lib/platform/backoff.ts';
import { TIMING } from '../fixtures/simulated-stage.ts';
import { createDraw, type Draw, drawTime, MINUTE_MS } from './draw.ts';
import { drawEvent } from './live-event-wishes.ts';
import { type Outage, outageFrom } from './outages.ts';
import type { ReleasePlan, ScenarioCommand } from './release-plan.ts';
import type { Scenario, ScenarioRequest } from './scenario.ts';

const SHARE_OF_SEEDS = 0.8;
const DAY_MS = 24 * 60 * MINUTE_MS;
const GRACE_MS = 15 * MINUTE_MS;
const MAX_COMMANDS = 4;
const TENANTS = ['default', 'rival'];

/** Adds wishes, commands and repetitions to the scenarios of most seeds. The requests themselves do not change. */
export function withReleases(scenario: Scenario, random: Random, startMs: number): Scenario {
  const draw = createDraw(random, startMs);
  if (!draw.chance(SHARE_OF_SEEDS)) return scenario;
  const event = drawEvent(scenario.requests, draw);
  const isHasty = draw.chance(0.33);
  const wished = scenario.requests.map((each) => event?.wish(each) ?? withWish(each, isHasty, draw));
  const sent = [...wished, ...drawLate(wished, draw)];
  const requests = [...sent, ...drawRedriven(sent, draw)];
  const keys = [...new Set(requests.map(({ idempotencyKey }) => idempotencyKey))];
  const count = Math.floor(random() * (MAX_COMMANDS + 1));
  const drawn = Array.from({ length: count }, () => drawCommand(keys, requests, draw));
  const last = keys.filter(() => draw.chance(0.6)).map((key) => drawLastCommand(key, draw));
  const commands = [...(event?.commands ?? []), ...drawn, ...drawn.flatMap((each) => drawCopies(each, draw)), ...last];
  const outages = [...(scenario.outages ?? []), ...drawOutages(requests, draw)];
  // In a long outage, a crowd would take more time than all other runs together.
  const hasCrowd = draw.chance(0.04) && scenario.outages?.length === 0;
  const crowd = { count: hasCrowd ? 10 + Math.floor(random() * 21) : 0, dueAtMs: draw.after(startMs, 100) };
  const numbered = commands.map((each, number) => ({ ...each, number }));
  const times = [...requests.map(({ releaseAtMs = 0 }) => releaseAtMs), ...numbered.map(lastTimeOf), crowd.dueAtMs];
  return {
    ...scenario,
    requests,
    outages,
    releases: { ...drawPlan(draw), commands: numbered, crowd, lastDueMs: Math.max(...times) },
  };
}

function lastTimeOf({ releaseAt, sentAtMs }: ScenarioCommand): number {
  return Math.max(sentAtMs + GRACE_MS, typeof releaseAt === 'number' ? releaseAt : 0);
}

function drawPlan(draw: Draw): Omit<ReleasePlan, 'commands' | 'crowd' | 'lastDueMs'> {
  const { random, pick, chance, after, startMs } = draw;
  const stopFromMs = after(startMs, 90);
  return {
    intensity: pick([0.5, 1, 1.3]),
    calmFromMs: startMs + 180 * MINUTE_MS,
    newRoomLagMs: chance(0.95) ? TIMING.listingLagSeconds * 1000 : 0,
    indexLag: { usualMs: pick([300, 3_000]), longShare: pick([0.05, 0.3]), longestMs: pick([1, 5]) * MINUTE_MS },
    stop: chance(0.3) ? { fromMs: stopFromMs, untilMs: after(stopFromMs, chance(0.8) ? 15 : 120) } : undefined,
    expiry: chance(0.35) ? { retentionSeconds: pick([60, 600, 3_600]), removedEachMinute: pick([1, 0.05]) } : undefined,
    outageAtMark: drawOutageAtMark(draw),
    sweepsAtMs: chance(0.6) ? Array.from({ length: 1 + Math.floor(random() * 3) }, () => after(startMs, 150)) : [],
  };
}

/**
 * Some requests state a release time: one that comes before the room, soon after it, or much later. If all of them are hasty, the room is due
 * while it is too new to be seen.
 */
function withWish(request: ScenarioRequest, isHasty: boolean, draw: Draw): ScenarioRequest {
  if (isHasty) return { ...request, releaseAtMs: draw.after(request.sentAtMs + 8_000, 0.8) };
  return draw.chance(0.6) ? { ...request, releaseAtMs: drawTime(request.sentAtMs, draw) } : request;
}

/** A sender whose request has failed sends another one without a release time. */
function drawLate(requests: ScenarioRequest[], draw: Draw): ScenarioRequest[] {
  if (!draw.chance(0.4)) return [];
  const { idempotencyKey, room } = draw.pick(requests);
  const sentAtMs = draw.after(draw.startMs + 45 * MINUTE_MS, 25);
  return [{ number: requests.length, idempotencyKey, room, sentAtMs, neededByMs: undefined }];
}

/** An operator sends a request back that was parked. */
function drawRedriven(requests: ScenarioRequest[], draw: Draw): ScenarioRequest[] {
  if (!draw.chance(0.3)) return [];
  const original = draw.pick(requests);
  const sentAtMs = draw.after(original.sentAtMs + 1_000, 60);
  // A request that was parked long ago was first sent before all others.
  const askedAtMs = draw.chance(0.3) ? original.sentAtMs - draw.after(0, 600) : undefined;
  const neededByMs = undefined;
  return [{ ...original, number: requests.length, sentAtMs, neededByMs, redrivenFrom: original.number, askedAtMs }];
}

function drawCommand(keys: string[], requests: ScenarioRequest[], draw: Draw): Omit<ScenarioCommand, 'number'> {
  const { chance, pick, after, startMs } = draw;
  const idempotencyKey = pick(keys);
  const times = requests.filter((each) => each.idempotencyKey === idempotencyKey).map(({ sentAtMs }) => sentAtMs);
  // A command may arrive before its request. Some are sent when the release is near.
  const dueAtMs = requests.flatMap(({ releaseAtMs }) => releaseAtMs ?? []);
  const early = Math.min(...times) - after(0, 5);
  const nearRelease = dueAtMs.length > 0 ? after(pick(dueAtMs), 3) : startMs;
  const sentAtMs = Math.max(startMs, pick([early, nearRelease, after(startMs, 30), after(startMs, 110)]));
  const releaseAt = chance(0.04) ? 'invalid' : pick(['now', 'keep', drawTime(sentAtMs, draw)] as const);
  const tenant = chance(0.3) ? pick(TENANTS) : undefined;
  return {
    idempotencyKey,
    sentAtMs,
    releaseAt,
    wishedAtMs: drawMoment(sentAtMs, times, draw),
    tenant,
    kind: 'by a person',
  };
}

/** Releases a room at the end, whatever became of earlier wishes. Otherwise most runs would end without a release. */
function drawLastCommand(idempotencyKey: string, { after, startMs }: Draw): Omit<ScenarioCommand, 'number'> {
  return { idempotencyKey, sentAtMs: after(startMs + 75 * MINUTE_MS, 40), releaseAt: 'now', kind: 'by a person' };
}

/** The moment of a wish: that of its message, an earlier or later one, or that of another wish. */
function drawMoment(sentAtMs: number, requestsSentAtMs: number[], { chance, after, pick }: Draw): number | undefined {
  if (chance(0.35)) return undefined;
  if (chance(0.03)) return sentAtMs - 29 * DAY_MS;
  if (chance(0.2)) return pick(requestsSentAtMs);
  return chance(0.2) ? after(sentAtMs, 4) : sentAtMs - after(0, 45);
}

/** A sender may send a command twice, and an operator may send it back. */
function drawCopies(
  command: Omit<ScenarioCommand, 'number'>,
  { chance, after }: Draw,
): Omit<ScenarioCommand, 'number'>[] {
  const sentAtMs = after(command.sentAtMs, 40);
  const isDuplicate = chance(0.3);
  const isRedriven = chance(0.25);
  return [
    ...(isDuplicate ? [{ ...command, wishedAtMs: command.wishedAtMs ?? command.sentAtMs, sentAtMs }] : []),
    ...(isRedriven ? [{ ...command, sentAtMs: after(command.sentAtMs, 60), askedAtMs: command.sentAtMs }] : []),
  ];
}

/** Many outages begin when a release is decided, because each later call of the releaser then meets them. */
function drawOutageAtMark({ chance, pick, after }: Draw): ReleasePlan['outageAtMark'] {
  if (!chance(0.9)) return undefined;
  const service = pick(['dynamodb', 'sns', 'sns', 'sns', 'sns', 'ivschat', 'ivschat', 'ivschat'] as const);
  return { service, lengthMs: after(3 * MINUTE_MS, service === 'sns' ? pick([15, 60]) : pick([3, 30])) };
}

/** Other outages begin when a room is due. */
function drawOutages(requests: ScenarioRequest[], { random, chance, pick, after, startMs }: Draw): Outage[] {
  const dueMs = requests.flatMap(({ releaseAtMs }) => releaseAtMs ?? []);
  const service = pick(['dynamodb', 'sns', 'ivschat'] as const);
  const fromMs = dueMs.length > 0 ? pick(dueMs) : after(startMs, 100);
  if (!chance(0.25)) return [];
  return [outageFrom(service, { random, fromMs, lengthMs: after(5 * MINUTE_MS, 30) })];
}
