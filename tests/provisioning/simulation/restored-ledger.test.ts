import { UpdateRoomCommand } from '@aws-sdk/client-ivschat';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { asDeployed, compileTemplate, type Deployed, REGION } from '../../alarms/compiled-template.ts';
import { type Deployment, HOUR_MS, MINUTE_MS, openDeployment } from '../../alarms/deployment.ts';
import { must } from '../../support/must.ts';
import {
  ask,
  type Backup,
  backUp,
  completions,
  rebuild,
  restore,
  roomsOf,
  STOPPED_MS,
  setMappings,
} from '../restoring.ts';

const REFUSED = { error: 'ValidationException' };

let deployed: Deployed;
let world: Deployment | undefined;
beforeAll(async () => {
  deployed = await asDeployed(compileTemplate({}).resources);
}, 60_000);
afterEach(async () => {
  await world?.close();
  world = undefined;
});

/** Requests in all states before and after a backup, whose functions are then stopped. */
async function untilTheStop(at: Deployment): Promise<{ backup: Backup; backupMs: number }> {
  const { ivsChat, clients } = at.services;
  await ask(at, 'done-before');
  ivsChat.inject({ operation: 'CreateRoom', fault: REFUSED });
  await ask(at, 'failed-before');
  at.services.refuse(({ service }) => service === 'ivschat');
  await ask(at, 'claimed-before');
  const [backup, backupMs] = [await backUp(at), at.time.nowMs()];
  expect(backup.map(({ decision }) => decision?.S).toSorted()).toEqual(['failed', 'room', undefined]);

  at.services.refuse(() => false);
  await at.run(10 * MINUTE_MS);
  await ask(at, 'failed-before');
  await ask(at, 'done-after');
  await ask(at, 'done-after-in-bulk', { queue: 'bulk' });
  await ask(at, 'done-after-elsewhere', { region: 'us-west-2' });
  await ask(at, 'renamed-after');
  const [renamed] = roomsOf(at, 'renamed-after');
  await clients.ivsChat(REGION).send(new UpdateRoomCommand({ identifier: must(renamed).arn, name: 'studio' }));
  ivsChat.inject({ operation: 'CreateRoom', fault: REFUSED });
  await ask(at, 'failed-after');
  ivsChat.inject({ operation: 'CreateRoom', fault: { lostResponse: true } });
  await ask(at, 'adopted-after');
  // Its room exists, but the response was lost, and the rooms cannot be listed.
  ivsChat.inject({ operation: 'CreateRoom', fault: { lostResponse: true } });
  at.services.refuse(({ action }) => action === '/ListRooms');
  await ask(at, 'lost-after');
  setMappings(at, false);
  await at.run(STOPPED_MS);
  at.services.refuse(() => false);
  return { backup, backupMs };
}

const KEYS = [
  'done-before',
  'failed-before',
  'claimed-before',
  'done-after',
  'done-after-in-bulk',
  'renamed-after',
  'failed-after',
  'adopted-after',
  'lost-after',
];

/** Starts the functions again, and sends all requests again. */
async function resume(at: Deployment): Promise<void> {
  setMappings(at, true);
  for (const key of KEYS) await ask(at, key);
  await ask(at, 'done-after-elsewhere', { region: 'us-west-2' });
  await at.run(3 * HOUR_MS);
}

test('after the runbook for a restored ledger, every key has one room, and every room that was created is published under the same id', async () => {
  world = await openDeployment(deployed);
  const { backup, backupMs } = await untilTheStop(world);
  const before = completions(world);
  await restore(backup, world);
  const examined = await rebuild(world, backupMs, false);
  expect(Object.groupBy(examined, ({ finding }) => finding)).toEqual({
    known: [expect.anything()],
    missing: Array(6).fill(expect.anything()),
    behind: [expect.anything()],
    undecided: [expect.anything()],
  });
  expect(await rebuild(world, backupMs)).toEqual(examined);
  expect(new Set((await rebuild(world, backupMs)).map(({ finding }) => finding))).toEqual(new Set(['known']));
  await resume(world);

  for (const key of [...KEYS, 'done-after-elsewhere']) expect([key, roomsOf(world, key).length]).toEqual([key, 1]);
  // The tags of a room do not say that it was adopted, so its completion is published as `created`, under a second id.
  const provisioned = completions(world).filter(({ data }) => data.outcome !== 'failed');
  for (const [key, group] of Map.groupBy(provisioned, ({ subject }) => subject))
    expect([key, new Set(group.map(({ id }) => id)).size]).toEqual([key, key === 'adopted-after' ? 2 : 1]);
  // The failure was forgotten, as the documents say, and the request that was sent again gets a room.
  expect(before.filter(({ data }) => data.outcome === 'failed')).toHaveLength(2);
  expect(completions(world).filter(({ data }) => data.outcome === 'failed')).toHaveLength(2);
}, 120_000);

test('control: without the rebuild, keys get a second room', async () => {
  world = await openDeployment(deployed);
  const { backup } = await untilTheStop(world);
  await restore(backup, world);
  await resume(world);
  const at = world;
  expect(KEYS.filter((key) => roomsOf(at, key).length > 1)).toEqual([
    'failed-before',
    'claimed-before',
    'done-after',
    'done-after-in-bulk',
    'renamed-after',
    'adopted-after',
    'lost-after',
  ]);
}, 120_000);
