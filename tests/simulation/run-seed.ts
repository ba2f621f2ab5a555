import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IvschatClient } from '@aws-sdk/client-ivschat';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createRandom } from '../../emulator/random.ts';
import type { AwsClients } from '../../lib/platform/aws-clients.ts';
import type { Random } from '../../lib/platform/backoff.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import type { Log } from '../../lib/platform/log.ts';
import { processBatch } from '../../lib/provisioning/process-batch.ts';
import { createServices, type Services } from '../../lib/provisioning/services.ts';
import { silentMeter } from '../../simulation/silent-meter.ts';
import { unverifiedSigner } from '../../simulation/unverified-signer.ts';
import { seedCrowd } from './crowd.ts';
import { areCommandsSent, deliverBatch, enqueue, type Handle, idleMs } from './delivery.ts';
import { configOf } from './expiry.ts';
import type { FaultCounts } from './faults.ts';
import { checkEnd, Violation } from './invariants.ts';
import { connect, type FateOf, randomFate } from './network.ts';
import { onReleaserTimer, releaseFate } from './release-faults.ts';
import { areReleasesOver } from './release-invariants.ts';
import { createReleasePart } from './release-part.ts';
import { withReleases } from './release-scenario.ts';
import { planReleases, type ReleaseHandles } from './release-schedule.ts';
import { watchReleases } from './release-watch.ts';
import { createScenario, type Scenario, withStop } from './scenario.ts';
import { planStop } from './stops.ts';
import { check, count, crash, createWorld, START_MS, strikes, type World, waitingMessages } from './world.ts';

const POLL_MS = 700;
const STOP_SEEDS = 1_000_000_000;
const RELEASE_SEEDS = 2_000_000_000;
const MAX_CONCURRENCY = 3;
/** Long after two days of outage, the longest wait and the settle time, and after the retention of the queues. */
const END_MS = START_MS + 16 * 24 * 60 * 60 * 1000;

export interface RunOptions extends ReleaseHandles {
  seed: number;
  traced?: boolean;
  scenario?: Scenario;
  fateOf?: FateOf;
  /** The handler in the workers: the product or a control. */
  handle?: Handle;
  /** Leaves out the wishes, the commands and the releaser. */
  withoutReleases?: boolean;
  /** The maximum number of times that the SDK sends a CreateRoom. In the product, it is 1. */
  createRoomAttempts?: number;
}

export interface RunResult {
  seed: number;
  violation: string | undefined;
  faults: FaultCounts;
  calls: Record<string, number>;
  trace: string[] | undefined;
}

/**
 * Runs one seed: first with faults, and then without them until all messages are done. Promises are checked during the run and at its end.
 */
export async function runSeed(options: RunOptions): Promise<RunResult> {
  const world = openWorld(options);
  planStop(world);
  const crowd = await seedCrowd(world);
  const checkReleasesAtEnd = world.releases && watchReleases(world, crowd);
  const clients = createClients(world, options.fateOf ?? usualFate, options.createRoomAttempts ?? 1);
  world.time.onTimer = (worker) => {
    if (world.releases?.has(worker)) return onReleaserTimer(world, worker);
    if (!strikes(world, 0.5)) return;
    count(world, 'crash at a timer');
    crash(world, worker);
  };
  for (const request of world.scenario.requests) {
    world.time.after(request.sentAtMs - START_MS, () => enqueue(world, request.number));
  }
  const handle = options.handle ?? handleWithGreenroom;
  const { random } = world;
  const poll = () => {
    if (world.activeInvocations < MAX_CONCURRENCY) deliverBatch(world, clients, handle);
    world.time.after(POLL_MS + random() * POLL_MS + idleMs(world), poll);
  };
  for (const atMs of world.scenario.namesakes?.ownUpdatesAtMs ?? [])
    world.time.after(atMs - START_MS, () => void updateRooms(world));
  poll();
  planReleases(world, clients, options);
  await world.time.run(END_MS, () => world.violation !== undefined || isOver(world));
  if (!world.violation) check(world, () => checkEnd(world));
  if (!world.violation) check(world, () => checkReleasesAtEnd?.());
  const { faults, calls, trace, violation } = world;
  return { seed: options.seed, violation: violation?.message, faults, calls, trace };
}

/** The random source of a release plan does not affect the requests of a seed, nor its faults while no release is under way. */
function openWorld({ seed, traced, withoutReleases, ...options }: RunOptions): World {
  const requestRandom = createRandom(seed);
  // The stop and the releases have their own random sources, so that the other events of a seed do not depend on them.
  const scenario = options.scenario ?? drawScenario(seed, requestRandom, withoutReleases);
  const releaseRandom = createRandom(seed + RELEASE_SEEDS + 1);
  const releases = scenario.releases && createReleasePart(scenario.releases, releaseRandom);
  const random = () => (releases?.isRunning() ? releaseRandom() : requestRandom());
  return createWorld(random, { traced, scenario, releases });
}

function drawScenario(seed: number, random: Random, withoutReleases = false): Scenario {
  const scenario = withStop(createScenario(random, START_MS), createRandom(seed + STOP_SEEDS), START_MS);
  return withoutReleases ? scenario : withReleases(scenario, createRandom(seed + RELEASE_SEEDS), START_MS);
}

const usualFate: FateOf = (world, worker, call, request) =>
  world.releases?.has(worker) ? releaseFate(world, worker, call, request) : randomFate(world, worker, call);

const handleWithGreenroom: Handle = (event, context, { world, clients, deadLetters }) =>
  processBatch(event, context, servicesOf(world, clients), { deadLetters });

/** The services of the product for one worker. */
export function servicesOf(world: World, clients: AwsClients): Services {
  const { random } = world;
  return createServices({
    config: configOf(world),
    clients,
    clock: systemClock,
    random,
    log: logOf(world),
    meter: silentMeter,
  });
}

/** Another program updates greenroom's rooms with the shared name, which moves them to the top of the list. */
async function updateRooms({ ivsChat, scenario, time }: World): Promise<void> {
  const date = new Date(time.nowMs()).toISOString().replace(/[-:]|\.\d+/g, '');
  for (const { arn, name } of ivsChat.admin.rooms()) {
    if (name !== scenario.namesakes?.name) continue;
    await ivsChat.handle({
      method: 'POST',
      path: '/UpdateRoom',
      query: new URLSearchParams(),
      headers: { authorization: 'by another program', 'x-amz-date': date, 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ identifier: arn, maximumMessageLength: 400 })),
      region: 'eu-west-1',
    });
  }
}

function createClients(world: World, fateOf: FateOf, createRoomAttempts: number): AwsClients {
  const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
  const common = { region: 'eu-west-1', credentials, signer: unverifiedSigner('a') };
  const through = (service: Parameters<typeof connect>[1]) => ({
    ...common,
    requestHandler: connect(world, service, fateOf) as unknown as DynamoDBClient['config']['requestHandler'],
  });
  const ivsChat = new IvschatClient({ ...through('ivschat'), maxAttempts: createRoomAttempts });
  return {
    dynamodb: new DynamoDBClient(through('dynamodb')),
    sns: new SNSClient(through('sns')),
    sqs: new SQSClient(through('sqs')),
    ivsChat: () => ivsChat,
  };
}

function isOver(world: World): boolean {
  const { sent, scenario, activeInvocations, time } = world;
  const allSent = sent.size === scenario.requests.length && areCommandsSent(world);
  // The run continues for the whole time of faults, so that zombies and late effects can occur.
  return (
    time.nowMs() > scenario.calmFromMs &&
    allSent &&
    activeInvocations === 0 &&
    waitingMessages(world).length === 0 &&
    areReleasesOver(world)
  );
}

/** A log that treats every error as a bug. */
export function logOf(world: World): Log {
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (message: unknown, details?: unknown) => {
      const error = (details as { error?: unknown } | undefined)?.error;
      check(world, () => {
        throw new Violation(`a bug: ${String(message)}: ${error instanceof Error ? error.stack : String(error)}`);
      });
    },
  };
  return log as unknown as Log;
}
