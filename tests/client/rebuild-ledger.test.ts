import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateRoomCommand, UpdateRoomCommand } from '@aws-sdk/client-ivschat';
import { marshall } from '@aws-sdk/util-dynamodb';
import { beforeEach, expect, test } from '@jest/globals';
import type { ExaminedRoom } from '../../client/operate/examine-room.ts';
import { rebuildLedger } from '../../client/operate/rebuild-ledger.ts';
import type { Region } from '../../lib/contract/regions.ts';
import { createLoneClock } from '../../simulation/lone-clock.ts';
import { createVirtualClock } from '../../simulation/virtual-clock.ts';
import { undecidedItem } from '../support/ledger-items.ts';
import { createMemoryServices, type OnCall, REGION } from '../support/memory-services.ts';
import { must } from '../support/must.ts';

const START_MS = Date.UTC(2026, 5, 1);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const LEDGER = 'ledger';
const ID = 'a'.repeat(64);
const STAGE = { 'greenroom:stage': `prod.${REGION}` };
const TAGS = { ...STAGE, 'greenroom:key': ID, 'greenroom:claim': 'claim.0' };

let time: ReturnType<typeof createVirtualClock>;
let services: ReturnType<typeof createMemoryServices>;
let onCall: OnCall;

beforeEach(() => {
  time = createVirtualClock(START_MS);
  onCall = () => undefined;
  services = createMemoryServices(time.nowMs, (call) => onCall(call), {});
});

async function createRoom(tags: Record<string, string>): Promise<string> {
  const { arn } = await services.clients.ivsChat(REGION).send(new CreateRoomCommand({ name: 'hall', tags }));
  time.pass(MINUTE_MS);
  return must(arn);
}

async function put(item: object): Promise<void> {
  const Item = marshall(item, { removeUndefinedValues: true });
  await services.clients.dynamodb.send(new PutItemCommand({ TableName: LEDGER, Item }));
}

async function rebuiltFrom(): Promise<string | undefined> {
  const { Item } = await services.clients.dynamodb.send(
    new GetItemCommand({ TableName: LEDGER, Key: { id: { S: ID } } }),
  );
  return Item?.rebuilt_from?.S;
}

/** Only one region has rooms. @returns what was found, in order */
async function rebuild(
  backupMs: number,
  { isDenied = () => false }: { isDenied?: (region: Region) => boolean } = {},
): Promise<Pick<ExaminedRoom, 'arn' | 'finding'>[]> {
  const elsewhere = (region: Region) =>
    createMemoryServices(time.nowMs, () => (isDenied(region) ? refused('AccessDeniedException') : undefined), {});
  const ivsChat = (region: Region) => (region === REGION ? services : elsewhere(region)).clients.ivsChat(region);
  const deployment = {
    stage: 'prod',
    region: REGION,
    dynamodb: services.clients.dynamodb,
    ledgerTable: LEDGER,
    paceTable: 'pace',
    ivsChat,
  };
  const clock = createLoneClock(time, { longestMs: MINUTE_MS, movesTime: true });
  const settings = { backupMs, writes: true, clock, signal: new AbortController().signal };
  const found: Pick<ExaminedRoom, 'arn' | 'finding'>[] = [];
  for await (const { arn, finding } of rebuildLedger(deployment, settings)) found.push({ arn, finding });
  return found;
}

const refused = (name: string) => Promise.reject(Object.assign(new Error('refused'), { name }));

test('an item of the backup that was undecided for hours gets its room, although the room is older than the backup', async () => {
  const arn = await createRoom(TAGS);
  await put(undecidedItem({ id: ID, create_started_at: START_MS }));
  time.pass(3 * DAY_MS);
  const backupMs = time.nowMs();
  // Since the backup, the room was adopted and published, and its users have renamed it. No search by its name can find it.
  await services.clients.ivsChat(REGION).send(new UpdateRoomCommand({ identifier: arn, name: 'studio' }));
  time.pass(HOUR_MS);
  expect(await rebuild(backupMs)).toEqual([{ arn, finding: 'undecided' }]);
  expect(await rebuiltFrom()).toBe(arn);
});

test('a room from before the backup without an item is left alone: its item has expired', async () => {
  const arn = await createRoom(TAGS);
  time.pass(60 * DAY_MS);
  const backupMs = time.nowMs();
  await services.clients.ivsChat(REGION).send(new UpdateRoomCommand({ identifier: arn, name: 'studio' }));
  expect(await rebuild(backupMs)).toEqual([]);
  expect(await rebuiltFrom()).toBeUndefined();
});

test('a backup time in the wrong time zone loses no room', async () => {
  const backupMs = time.nowMs();
  const arn = await createRoom(TAGS);
  time.pass(DAY_MS);
  expect(await rebuild(backupMs + 14 * HOUR_MS)).toEqual([{ arn, finding: 'missing' }]);
});

test('if two rooms have one claim, the older one counts, and the other one is shown until it is gone', async () => {
  const backupMs = time.nowMs();
  const older = await createRoom(TAGS);
  const younger = await createRoom(TAGS);
  // The list begins with the older room.
  await services.clients.ivsChat(REGION).send(new UpdateRoomCommand({ identifier: older, name: 'studio' }));
  const twin = { arn: younger, finding: 'twin' };
  expect(await rebuild(backupMs)).toEqual([{ arn: older, finding: 'missing' }, twin]);
  expect(await rebuild(backupMs)).toEqual([{ arn: older, finding: 'known' }, twin]);
  expect(await rebuiltFrom()).toBe(older);
});

test('if the older one of two rooms is deleted, the item is rebuilt from the other one', async () => {
  const backupMs = time.nowMs();
  const arn = await createRoom(TAGS);
  await put(undecidedItem({ id: ID, create_started_at: START_MS - 1, rebuilt_from: 'deleted' }));
  expect(await rebuild(backupMs)).toEqual([{ arn, finding: 'undecided' }]);
  expect(await rebuiltFrom()).toBe(arn);
});

test('a room without its stage tag is shown, and rooms of other stages and programs are not', async () => {
  const backupMs = time.nowMs();
  const { 'greenroom:stage': _, ...others } = TAGS;
  const arn = await createRoom(others);
  await createRoom({ ...TAGS, 'greenroom:stage': `dev.${REGION}` });
  await createRoom({ program: 'another' });
  expect(await rebuild(backupMs)).toEqual([{ arn, finding: 'untagged' }]);
});

test('a write whose answer was lost, and that the SDK repeated, counts as written', async () => {
  const backupMs = time.nowMs();
  const arn = await createRoom(TAGS);
  const { handle } = services.clients.dynamodb.config.requestHandler;
  let isLost = false;
  services.clients.dynamodb.config.requestHandler.handle = async (request, options) => {
    const isFirstWrite = !isLost && request.headers['x-amz-target']?.endsWith('UpdateItem');
    if (isFirstWrite) {
      isLost = true;
      await handle(request, options);
    }
    return handle(request, options);
  };
  expect(await rebuild(backupMs)).toEqual([{ arn, finding: 'missing' }]);
  expect(isLost).toBe(true);
});

test('a throttled page is read again', async () => {
  const backupMs = time.nowMs();
  const arn = await createRoom(TAGS);
  let refusals = 5;
  onCall = ({ name }) => (name === 'ListRooms' && refusals-- > 0 ? refused('ThrottlingException') : undefined);
  expect(await rebuild(backupMs)).toEqual([{ arn, finding: 'missing' }]);
});

test('a region to which access is denied does not hold up the others, and the command fails in the end', async () => {
  const backupMs = time.nowMs();
  const arn = await createRoom(TAGS);
  await expect(rebuild(backupMs, { isDenied: (region) => region === 'us-east-1' })).rejects.toThrow(
    'The rooms in us-east-1 cannot be listed, because access is denied; all other regions are complete',
  );
  expect(await rebuiltFrom()).toBe(arn);
});
