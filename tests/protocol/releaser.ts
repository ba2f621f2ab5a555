import type { Context } from 'aws-lambda';
import type { AwsClients } from '../../lib/platform/aws-clients.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import type { ReleaseMeter } from '../../lib/releasing/release-meter.ts';
import { currentWorker } from '../../simulation/virtual-time.ts';
import { config } from '../fixtures/simulated-stage.ts';
import { startWorker } from '../simulation/delivery.ts';
import { logOf } from '../simulation/run-seed.ts';
import { crash, note, type World } from '../simulation/world.ts';
import type { Directions, Script } from './directions.ts';
import type { Provisioning } from './variants.ts';

const REGION = 'eu-west-1';
const TIMEOUT_MS = 70_000;

const silentReleaseMeter: ReleaseMeter = {
  noteReleases: () => undefined,
  countThrottle: () => undefined,
  publish: () => undefined,
};

export interface ReleaserOptions {
  /** How far the worker's clock is ahead. */
  skewMs?: number;
  /**
   * Whether the worker has written to the pace table in an earlier invocation. It has then learned the error of its clock, and does not wait
   * too long for its first slot.
   */
  isWarm?: boolean;
}

interface ReleaserSetting {
  world: World;
  clients: AwsClients;
  provisioning: Provisioning;
  script: Script;
}

/** Runs one invocation of the releaser in its own worker. It begins when time passes. */
export function startReleaser(
  { world, clients, provisioning, script }: ReleaserSetting,
  directions: Directions,
  { skewMs = 0, isWarm = false }: ReleaserOptions,
): void {
  const worker = startWorker(world, []);
  worker.skewMs = skewMs;
  script.give(worker, directions);
  const deadlineMs = world.time.nowMs() + TIMEOUT_MS;
  const context = { getRemainingTimeInMillis: () => Math.max(0, deadlineMs - world.time.nowMs()) } as Context;
  const { createReleaseServices, releaseRooms } = provisioning;
  const services = createReleaseServices({
    config,
    clients,
    clock: systemClock,
    random: world.random,
    // A room that cannot be deleted is an error in the log, but not a bug.
    log: { ...logOf(world), error: () => undefined } as ReturnType<typeof logOf>,
    meter: silentReleaseMeter,
  });
  const end = () => {
    if (!worker.alive) return;
    worker.alive = false;
    world.activeInvocations -= 1;
    note(world, worker, 'returns');
  };
  world.time.after(TIMEOUT_MS, () => {
    if (worker.frozenUntilMs <= world.time.nowMs()) crash(world, worker);
  });
  world.time.after(0, () =>
    currentWorker.run(worker, async () => {
      try {
        if (isWarm) await services.noteFreed(REGION);
        await releaseRooms(context, services);
      } catch (error) {
        // Lambda reports such an error, and the next invocation continues.
        note(world, worker, `fails: ${error}`);
      }
      end();
    }),
  );
}
