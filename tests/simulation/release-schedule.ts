import { resumeReleases, stopReleases } from '../../lib/pace/operator-settings.ts';
import type { AwsClients } from '../../lib/platform/aws-clients.ts';
import { updateItemInput } from '../../lib/platform/update-expression.ts';
import { currentWorker, type Worker } from '../../simulation/virtual-time.ts';
import { commandAsker, commandBody } from './askers.ts';
import { send } from './delivery.ts';
import { removeExpired } from './expiry.ts';
import { worksAgainMs } from './outages.ts';
import { checkOverdue } from './release-invariants.ts';
import type { ScenarioCommand } from './release-plan.ts';
import { partOf, type ReleaseHandle, type SweepHandle, startReleaser, startSweep } from './releaser.ts';
import { writeUpdate } from './stops.ts';
import { check, count, note, outagesOf, START_MS, type World } from './world.ts';

const MINUTE_MS = 60_000;
const REGION = 'eu-west-1';
/** An entry of the index can be due for a worker whose clock is ahead. */
const SOON_MS = 30_000;
/** During a longer outage or stop, most runs are left out: they would all fail in the same way. */
const LONG_OUTAGE_MS = 10 * MINUTE_MS;

/** The product or controls. Default: the product */
export interface ReleaseHandles {
  release?: ReleaseHandle | undefined;
  sweep?: SweepHandle | undefined;
}

/** Plans the releaser, the sweeps, the commands and the operator's stop of a scenario. */
export function planReleases(world: World, clients: AwsClients, { release, sweep }: ReleaseHandles): void {
  if (world.releases === undefined) return;
  const { plan, random, add } = world.releases;
  const clockwork: Worker = { name: 'plan', skewMs: 0, alive: true, frozenUntilMs: 0 };
  add(clockwork);
  const at = (ms: number, action: () => void) =>
    world.time.after(ms - START_MS, () => currentWorker.run(clockwork, action));
  currentWorker.run(clockwork, () => {
    for (const command of plan.commands) at(command.sentAtMs, () => enqueueCommand(world, command));
    for (const sweepAtMs of plan.sweepsAtMs) at(sweepAtMs, () => beginSweep(world, clients, sweep));
    if (plan.stop) {
      at(plan.stop.fromMs, () => void writeStopOfReleases(world, 'stop'));
      at(plan.stop.untilMs, () => void writeStopOfReleases(world, 'resume'));
    }
    const tick = () =>
      currentWorker.run(clockwork, () => {
        check(world, () => checkOverdue(world));
        removeExpired(world);
        if (mayFindWork(world)) runReleasers(world, clients, release);
        world.time.after(MINUTE_MS, tick);
      });
    world.time.after(random() * MINUTE_MS, tick);
  });
}

/** A run that finds nothing costs much time and shows nothing, so most of these are left out. */
function mayFindWork(world: World): boolean {
  const { random, plan } = partOf(world);
  const nowMs = world.time.nowMs();
  const isLong = isLongSince(plan.stop, nowMs) || outagesOf(world).some((outage) => isLongSince(outage, nowMs));
  const entries = world.dynamodb.indexEntries('ledger', 'release-due');
  const isDue = entries.some(({ release_look_at }) => Number(release_look_at?.N) <= nowMs + SOON_MS);
  return random() < (isDue ? (isLong ? 0.03 : 1) : 0.01);
}

function isLongSince(span: { fromMs: number; untilMs: number } | undefined, nowMs: number): boolean {
  return span !== undefined && span.fromMs + LONG_OUTAGE_MS < nowMs && nowMs < span.untilMs;
}

/** EventBridge may invoke the function twice, and an invocation may last longer than a minute. */
function runReleasers(world: World, clients: AwsClients, handle?: ReleaseHandle): void {
  const part = partOf(world);
  const start = () => {
    if (part.active > 0) count(world, 'releasers overlap');
    startReleaser(world, clients, handle);
  };
  const { random, plan } = part;
  start();
  if (plan.isAlwaysTwice) start();
  if (world.time.nowMs() < plan.calmFromMs && random() < 0.35)
    world.time.after(random() ** 2 * 25_000, ownAction(start));
}

function beginSweep(world: World, clients: AwsClients, handle?: SweepHandle): void {
  if (partOf(world).active > 0 || partOf(world).plan.commands.length > 0) count(world, 'sweep beside a releaser');
  startSweep(world, clients, handle);
}

/** Keeps the worker of the present code for an action that runs later. */
function ownAction(action: () => void): () => void {
  const worker = currentWorker.getStore();
  return () => (worker ? currentWorker.run(worker, action) : action());
}

/** Sends a command. During an outage of SQS, its sender tries again until SQS accepts it. */
function enqueueCommand(world: World, command: ScenarioCommand): void {
  const { time } = world;
  const againMs = worksAgainMs(outagesOf(world), 'sqs', time.nowMs());
  if (againMs > time.nowMs()) {
    time.after(
      againMs - time.nowMs(),
      ownAction(() => enqueueCommand(world, command)),
    );
    return;
  }
  command.sentAtMs = time.nowMs();
  const { number, idempotencyKey, askedAtMs } = command;
  const sending = { id: `c${number}`, askedAtMs, isFromRoster: false };
  countCommand(world, command);
  partOf(world).commands.set(send(world, commandBody(command), sending), command);
  note(world, undefined, `command ${number} is sent (${idempotencyKey}, ${command.releaseAt})`);
}

function countCommand(world: World, command: ScenarioCommand): void {
  const { sent } = world;
  const { wish } = commandAsker(command);
  const requests = [...sent.values()].filter(({ idempotencyKey }) => idempotencyKey === command.idempotencyKey);
  count(world, requests.length === 0 ? 'command before its request' : 'command after its request');
  if (wish === undefined) count(world, 'command too old or invalid');
  if (command.tenant === 'rival') count(world, 'command of another tenant');
  if (command.askedAtMs !== undefined) count(world, 'command sent back by an operator');
  if (command.kind === 'event moved') count(world, 'live event moved');
  if (command.kind === 'event cancelled') count(world, 'live event cancelled');
  const earlier = [...partOf(world).commands.values()].filter((each) => each.idempotencyKey === command.idempotencyKey);
  const wishes = earlier.flatMap((each) => commandAsker(each).wish ?? []);
  if (wishes.some((each) => each.wishedAtMs === wish?.wishedAtMs && each.releaseAtMs === wish.releaseAtMs))
    count(world, 'duplicate of a command');
  const moments = [
    ...wishes.filter(({ releaseAtMs }) => releaseAtMs !== wish?.releaseAtMs).map(({ wishedAtMs }) => wishedAtMs),
    ...requests.filter(({ releaseAtMs }) => releaseAtMs !== undefined).map(({ sentAtMs }) => sentAtMs),
  ];
  if (wish && moments.includes(wish.wishedAtMs)) count(world, 'two wishes of one moment');
  if (wish && moments.some((ms) => ms > wish.wishedAtMs))
    count(world, 'command with an older wish than another message');
}

async function writeStopOfReleases(world: World, what: 'stop' | 'resume'): Promise<void> {
  if (what === 'stop') count(world, 'releases stopped by an operator');
  const update = what === 'stop' ? stopReleases(world.time.nowMs()) : resumeReleases();
  await writeUpdate(
    world,
    updateItemInput({ tableName: 'pace', key: { id: { S: `${REGION}#DeleteRoom` } }, ...update }),
  );
  note(world, undefined, what === 'stop' ? 'the releases are stopped' : 'the releases are resumed');
}
