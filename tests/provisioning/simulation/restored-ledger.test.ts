import { BatchWriteItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { UpdateRoomCommand } from '@aws-sdk/client-ivschat';
import { afterEach, beforeAll, expect, test } from '@jest/globals';
import type { ExaminedRoom } from '../../../client/operate/examine-room.ts';
import { rebuildLedger } from '../../../client/operate/rebuild-ledger.ts';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { KEY_TAG } from '../../../lib/ledger/room-tags.ts';
import { asDeployed, compileTemplate, type Deployed, REGION } from '../../alarms/compiled-template.ts';
import { type Deployment, HOUR_MS, MINUTE_MS, openDeployment } from '../../alarms/deployment.ts';
import { must } from '../../support/must.ts';

const LEDGER = 'greenroom-prod-ledger';
/** The queues whose functions use the ledger. */
const MAPPINGS = ['interactive', 'bulk', 'redrive', 'interactive-dead-letters', 'bulk-dead-letters'];
/** The runbook waits this long after it has stopped the functions: a timeout and the settle time. */
const STOPPED_MS = 20 * MINUTE_MS;
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

type Backup = NonNullable<Awaited<ReturnType<typeof backUp>>>;

async function backUp({ services }: Deployment) {
  const { Items = [] } = await services.clients.dynamodb.send(new ScanCommand({ TableName: LEDGER }));
  return Items;
}

/** The table as the backup shows it. */
async function restore(backup: Backup, at: Deployment): Promise<void> {
  const { dynamodb } = at.services.clients;
  for (const { id } of await backUp(at)) {
    const deletion = { DeleteRequest: { Key: { id: must(id) } } };
    await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [LEDGER]: [deletion] } }));
  }
  for (const Item of backup) await dynamodb.send(new PutItemCommand({ TableName: LEDGER, Item }));
}

/** Runs the command of the runbook. @returns the rooms that it examined */
async function rebuild(at: Deployment, backupMs: number, writes = true): Promise<ExaminedRoom[]> {
  const { dynamodb, ivsChat } = at.services.clients;
  const deployment = { stage: 'prod', region: REGION, dynamodb, ledgerTable: LEDGER, ivsChat };
  const settings = { backupMs, writes, clock: at.time, signal: new AbortController().signal };
  const examined: ExaminedRoom[] = [];
  const rebuilding = (async () => {
    for await (const room of rebuildLedger(deployment, settings)) examined.push(room);
  })();
  await at.run(5 * MINUTE_MS);
  await rebuilding;
  return examined;
}

/** Sends a request, and lets a minute pass. */
async function ask(
  at: Deployment,
  idempotencyKey: string,
  { queue = 'interactive', name = 'hall', region = REGION } = {},
) {
  at.queue(queue).send(JSON.stringify({ idempotencyKey, room: { name }, region }));
  await at.run(MINUTE_MS);
}

function setMappings(at: Deployment, isEnabled: boolean): void {
  for (const queue of MAPPINGS) at.setEnabled(queue, isEnabled);
}

const completions = (at: Deployment) => at.services.messaging.published.map(({ body }) => JSON.parse(body));
const roomsOf = (at: Deployment, key: string) =>
  at.services.ivsChat.rooms().filter(({ tags }) => tags[KEY_TAG] === ledgerKey(key));

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
