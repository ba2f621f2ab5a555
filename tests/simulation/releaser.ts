import { QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { releaseShard } from '../../lib/ledger/wish.ts';
import { createPaceTable } from '../../lib/pace/pace-table.ts';
import { createPacer } from '../../lib/pace/pacer.ts';
import type { AwsClients } from '../../lib/platform/aws-clients.ts';
import type { Random } from '../../lib/platform/backoff.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { readSweepConfig } from '../../lib/platform/config.ts';
import { startDeadline } from '../../lib/platform/deadline.ts';
import type { Log } from '../../lib/platform/log.ts';
import { openTables } from '../../lib/platform/tables.ts';
import type { ReleaseMeter } from '../../lib/releasing/release-meter.ts';
import { releaseRooms } from '../../lib/releasing/release-rooms.ts';
import { createReleaseServices } from '../../lib/releasing/release-services.ts';
import { createSweepPace } from '../../lib/sweeping/sweep-pace.ts';
import { sweepRegion } from '../../lib/sweeping/sweep-region.ts';
import type { SweepServices } from '../../lib/sweeping/sweep-services.ts';
import { currentWorker, type Worker } from '../../simulation/virtual-time.ts';
import { config, environment, TIMING } from '../fixtures/simulated-stage.ts';
import { nextWorkerName } from './delivery.ts';
import { configOf } from './expiry.ts';
import { Violation } from './invariants.ts';
import type { ReleasePart } from './release-part.ts';
import { check, count, crash, end, note, type World } from './world.ts';

const REGION = 'eu-west-1';
const TIMEOUT_MS = 60_000;
/** The clocks of the workers of requests are wrong by up to 5 s. Together, the errors of two workers keep the bound. */
const MAX_SKEW_MS = TIMING.clockErrorSeconds * 1000 - 5_000;
const EXPECTED = ['Could not delete a room that must be released'];

const sweepConfig = readSweepConfig({
  ...environment,
  GREENROOM_SWEEP_DELETE: 'true',
  GREENROOM_SWEEP_SAFE_AGE_SECONDS: String(config.timing.settleMs / 1000),
  GREENROOM_SWEEP_CALLS_PER_SECOND: '1',
});

const nothing = () => undefined;
const silentReleaseMeter: ReleaseMeter = { noteReleases: nothing, countThrottle: nothing, publish: nothing };

/** The work of one invocation of the releaser: the product or a control. */
export type ReleaseHandle = (context: Context, platform: ReleasePlatform) => Promise<unknown>;

/** The sweep of a region: the product's or a control. */
export type SweepHandle = typeof sweepRegion;

/** What the services of a releaser are created from. */
export type ReleasePlatform = Parameters<typeof createReleaseServices>[0];

const releaseWithGreenroom: ReleaseHandle = (context, platform) =>
  releaseRooms(context, createReleaseServices(platform));

/** Runs one invocation of the releaser in its own worker. */
export function startReleaser(world: World, clients: AwsClients, handle: ReleaseHandle = releaseWithGreenroom): void {
  const worker = startWorker(world, 'r');
  run(world, worker, (context) => handle(context, platformOf(world, clients)));
}

function platformOf(world: World, clients: AwsClients): ReleasePlatform {
  return {
    config: configOf(world),
    clients: { ...clients, dynamodb: ofKnownShards(clients.dynamodb, world) },
    clock: systemClock,
    random: world.random,
    log: logOf(world),
    meter: silentReleaseMeter,
  };
}

/** Runs one sweep of the region in its own worker. It deletes extra rooms. */
export function startSweep(world: World, clients: AwsClients, sweep: SweepHandle = sweepRegion): void {
  const worker = startWorker(world, 's');
  run(world, worker, async (context) => {
    const { signal, stopMs, clear } = startDeadline(context, {
      clock: systemClock,
      windingUpMs: 3_000,
      reason: () => new Error('This sweep has run out of time'),
    });
    const services = sweepServicesOf(world, clients);
    const settings = { ...services, signal, lastSendMs: stopMs - config.callTimeoutMs, callsPerSecond: 1 };
    await sweep(REGION, { services, awaitCall: createSweepPace(settings), signal });
    clear();
  });
}

function sweepServicesOf(world: World, clients: AwsClients): SweepServices {
  const tables = openTables(clients.dynamodb, systemClock);
  const { callsPerSecond, postponeScheduleSeconds: probeScheduleSeconds } = config;
  return {
    config: sweepConfig,
    clients,
    tables,
    pacer: createPacer(createPaceTable(tables, config.paceTable), { callsPerSecond, probeScheduleSeconds }),
    clock: systemClock,
    random: world.random,
    log: logOf(world),
    meter: { noteSweep: nothing, publish: nothing },
  };
}

function startWorker(world: World, letter: string): Worker {
  const part = partOf(world);
  const { random, plan } = part;
  const isWrong = world.time.nowMs() < plan.calmFromMs && random() < 0.5;
  const skewMs = isWrong ? drawSkewMs(random) : 0;
  if (isWrong) count(world, 'clock error of a releaser');
  const worker = { name: nextWorkerName().replace('w', letter), skewMs, alive: true, frozenUntilMs: 0 };
  part.add(worker);
  part.active += 1;
  note(world, worker, `begins, clock ${skewMs} ms`);
  return worker;
}

/** Half of the wrong clocks are as wrong as possible. */
function drawSkewMs(random: Random): number {
  const share = random() * 2 - 1;
  return Math.floor((random() < 0.5 ? Math.sign(share) : share) * MAX_SKEW_MS);
}

function run(world: World, worker: Worker, work: (context: Context) => Promise<unknown>): void {
  const { time } = world;
  const deadlineMs = time.nowMs() + TIMEOUT_MS;
  const context = { getRemainingTimeInMillis: () => Math.max(0, deadlineMs - time.nowMs()) } as Context;
  currentWorker.run(worker, () => {
    // A frozen worker is not stopped by the timeout. It resumes later.
    time.after(TIMEOUT_MS, () => worker.frozenUntilMs <= time.nowMs() && crash(world, worker));
    const done = (how: string) => {
      if (!worker.alive) return;
      end(world, worker);
      note(world, worker, how);
    };
    // Lambda reports an error, and the next run continues. The log says whether the error is a bug.
    work(context).then(
      () => done('returns'),
      (error: unknown) => done(`fails: ${error}`),
    );
  });
}

/** A run has one or two keys, or a crowd. The partitions of the due index to which none of them belongs are empty, so they are not queried. */
function ofKnownShards(dynamodb: AwsClients['dynamodb'], world: World): AwsClients['dynamodb'] {
  const keys = world.scenario.requests.map(({ idempotencyKey }) => ledgerKey(idempotencyKey));
  const own = new Set([...keys, ...partOf(world).crowd].map((id) => releaseShard({ id, region: REGION })));
  const isEmpty = ({ input }: QueryCommand) => !own.has(input.ExpressionAttributeValues?.[':shard']?.S ?? '');
  const send = (command: Parameters<typeof dynamodb.send>[0], options: object) =>
    command instanceof QueryCommand && isEmpty(command)
      ? Promise.resolve({ Items: [] })
      : dynamodb.send(command, options);
  return Object.create(dynamodb, { send: { value: send } });
}

export function partOf({ releases }: World): ReleasePart {
  if (releases === undefined) throw new Error('The scenario has no releases');
  return releases;
}

// The SDK throws a TypeError if an error of SNS has no body, as from a proxy.
const BUGS = ['ReferenceError', 'RangeError', '$ZodError', 'DamagedItemError'];

/** A log that treats errors as bugs, except that a room cannot be deleted, or a service cannot be reached. */
function logOf(world: World): Log {
  const judge = (message: unknown, details?: { error?: unknown }) => {
    const isBug = BUGS.includes(String(details?.error));
    if (isBug) check(world, () => fail(`${String(message)}: ${String(details?.error)}`));
  };
  const log = {
    debug: nothing,
    info: judge,
    warn: judge,
    error(message: unknown, details?: { error?: unknown }) {
      judge(message, details);
      if (!EXPECTED.includes(String(message))) check(world, () => fail(String(message)));
    },
  };
  return log as unknown as Log;
}

function fail(message: string): never {
  throw new Violation(`a bug: ${message}`);
}
