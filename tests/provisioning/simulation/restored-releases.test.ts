import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { changeReleasesIn } from '../../../client/operate/release/release-stops.ts';
import { REGIONS } from '../../../lib/contract/regions.ts';
import { asDeployed, compileTemplate, type Deployed } from '../../alarms/compiled-template.ts';
import { type Deployment, HOUR_MS, MINUTE_MS, openDeployment } from '../../alarms/deployment.ts';
import {
  type Backup,
  backUp,
  commandsOf,
  completions,
  rebuild,
  restore,
  roomsOf,
  STOPPED_MS,
  setMappings,
} from '../restoring.ts';

let deployed: Deployed;
let world: Deployment | undefined;
beforeAll(async () => {
  deployed = await asDeployed(compileTemplate({ releases: 'true' }).resources);
}, 60_000);
afterEach(async () => {
  await world?.close();
  world = undefined;
});

async function send(at: Deployment, body: object): Promise<void> {
  at.queue('interactive').send(JSON.stringify(body));
  await at.run(MINUTE_MS);
}

const time = (ms: number) => new Date(ms).toISOString();
const request = (idempotencyKey: string, releaseAtMs: number) => ({
  idempotencyKey,
  room: { name: 'hall' },
  releaseAt: time(releaseAtMs),
});
const keep = (wishedAtMs: number) => ({
  type: 'Room Release Requested',
  idempotencyKey: 'kept-after',
  releaseAt: null,
  wishedAt: time(wishedAtMs),
});
const released = (at: Deployment, key: string) =>
  completions(at).filter(({ type, subject }) => type === 'greenroom.room.released.v1' && subject === key);
const left = (at: Deployment) =>
  ['kept-after', 'released-after', 'requested-after'].filter((key) => roomsOf(at, key).length > 0);

const changeReleases = (at: Deployment, kind: 'stop' | 'resume') =>
  changeReleasesIn(commandsOf(at), REGIONS, kind, { clock: at.time, signal: new AbortController().signal });

interface Story {
  backup: Backup;
  backupMs: number;
  /** When the lost wish to keep a room was made. */
  keptAtMs: number;
}

/** Rooms that are to be released, and what became of them after a backup, until the functions are stopped. */
async function untilTheStop(at: Deployment): Promise<Story> {
  const startMs = at.time.nowMs();
  await send(at, request('kept-after', startMs + HOUR_MS));
  await send(at, request('released-after', startMs + HOUR_MS));
  const [backup, backupMs] = [await backUp(at), at.time.nowMs()];
  await at.run(10 * MINUTE_MS);
  const keptAtMs = at.time.nowMs();
  await send(at, keep(keptAtMs));
  await send(at, request('requested-after', startMs + 3 * HOUR_MS));
  await at.run(2 * HOUR_MS);
  expect(left(at)).toEqual(['kept-after', 'requested-after']);
  expect(released(at, 'released-after')).toHaveLength(1);
  setMappings(at, false);
  return { backup, backupMs, keptAtMs };
}

test('after the runbook, a room that was kept after the backup is not released, and a lost release is announced again under the same id', async () => {
  const at = await openDeployment(deployed, { releaseEveryMs: 5 * MINUTE_MS });
  world = at;
  const { backup, backupMs, keptAtMs } = await untilTheStop(at);
  // Step 1 of the runbook, before the table is restored.
  await changeReleases(at, 'stop');
  await at.run(STOPPED_MS);
  await restore(backup, at);
  const findings = (await rebuild(at, backupMs)).map(({ finding }) => finding);
  expect(findings.toSorted()).toEqual(['known', 'missing']);
  setMappings(at, true);
  await at.run(4 * HOUR_MS);
  expect(left(at)).toEqual(['kept-after', 'requested-after']);
  // The review: the command is sent again, with the time at which it was made.
  await send(at, keep(keptAtMs));
  await changeReleases(at, 'resume');
  await at.run(2 * HOUR_MS);
  // The item that was rebuilt from tags has no wish, so its room is not released.
  expect(left(at)).toEqual(['kept-after', 'requested-after']);
  const ids = released(at, 'released-after').map(({ id }) => id);
  expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
  // Its own wish applies again when it is sent again.
  await send(at, request('requested-after', at.time.nowMs() + HOUR_MS));
  await at.run(2 * HOUR_MS);
  expect(left(at)).toEqual(['kept-after']);
  expect(released(at, 'requested-after')).toHaveLength(1);
}, 120_000);

test('the rebuild stops releases, if nobody has stopped them before', async () => {
  const at = await openDeployment(deployed, { releaseEveryMs: 5 * MINUTE_MS });
  world = at;
  const { backup, backupMs } = await untilTheStop(at);
  await at.run(STOPPED_MS);
  await restore(backup, at);
  await rebuild(at, backupMs);
  const stopped = await changeReleases(at, 'stop');
  for (const each of stopped) expect(each).toMatchObject({ stoppedSinceMs: expect.any(Number) });
  expect(Math.max(...stopped.map((each) => ('problem' in each ? 0 : (each.stoppedSinceMs ?? 0))))).toBeLessThan(
    at.time.nowMs() - MINUTE_MS,
  );
}, 120_000);

test('control: without the stop before the restore, the room is released, although it was to be kept', async () => {
  const at = await openDeployment(deployed, { releaseEveryMs: 5 * MINUTE_MS });
  world = at;
  const { backup } = await untilTheStop(at);
  await at.run(STOPPED_MS);
  await restore(backup, at);
  await at.run(15 * MINUTE_MS);
  expect(left(at)).toEqual(['requested-after']);
}, 120_000);
