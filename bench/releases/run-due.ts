import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Item } from '../../emulator/dynamodb/dynalite.ts';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { REGIONS, type Region } from '../../lib/contract/regions.ts';
import { parseLedgerItem, type RoomItem } from '../../lib/ledger/ledger-item.ts';
import { CLAIM_TAG, claimTag } from '../../lib/ledger/room-tags.ts';
import { releaseShard } from '../../lib/ledger/wish.ts';
import { CALLS_PER_SECOND } from '../simulation/assumptions.ts';
import { callTable, replaceIn } from './call-table.ts';
import { CONFIG, drawIndexLagMs } from './deployment.ts';
import { startLane, startReleaser } from './functions.ts';
import { signedAt } from './ivs-chat-calls.ts';
import { requestOf } from './programme.ts';
import { createUsage, usageSchema } from './usage.ts';
import { type ChatCall, createReleaseWorld, type ReleaseWorld } from './world.ts';

export const dueTaskSchema = z.object({
  kind: z.literal('due'),
  /** The rooms that become due at the same moment, in all regions together. */
  rooms: z.int().positive(),
  /** How much of the time after the first DeleteRoom is simulated and measured. */
  windowSeconds: z.number().positive(),
  /** Whether rooms are released. The run without releases is the comparison for CreateRoom. */
  releases: z.boolean(),
  seed: z.int(),
});
export type DueTask = z.output<typeof dueTaskSchema>;

const sharesSchema = z.object({ all: z.number(), least: z.number() });

export const dueResultSchema = z.object({
  /** The share of the quota that was used in the window: in all regions together, and in the region that used the smallest share. */
  deleteRoom: sharesSchema,
  createRoom: sharesSchema,
  getRoom: sharesSchema,
  throttled: z.number(),
  /** The writes to each partition of the due index, a second. */
  index: z.object({ partitions: z.number(), average: z.number(), busiest: z.number(), mostInASecond: z.number() }),
  released: z.number(),
  problems: z.record(z.string(), z.number()),
  releasing: usageSchema,
});
export type DueResult = z.output<typeof dueResultSchema>;

const START_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const DUE_MS = START_MS + 2 * HOUR_MS;
/** The first release begins in the first invocation after the release time plus the clock error. */
const FIRST_RELEASE_WITHIN_MS = 180_000;
/** Concurrent batches. Five, the default of the bulk lane, use only 92% of the quotas of seven regions, with and without releases. */
const WORKERS = { bulk: 12, interactive: 1 };
const SEEDS_PER_PROGRESS = 20_000;
/** The outstanding requests of each region. */
const OUTSTANDING = 60;

export async function runDue(task: DueTask, progress: (text: string) => void): Promise<DueResult> {
  const calls: ChatCall[] = [];
  const lag = { isOff: true };
  const world: ReleaseWorld = createReleaseWorld({
    startMs: START_MS,
    seed: task.seed,
    roomQuota: 1_000_000,
    indexLagMs: () => (lag.isOff ? 0 : drawIndexLagMs(world.random)),
    onChatCall: (call) => calls.push(call),
  });
  const { time, index } = world;
  startLane(world, 'interactive', WORKERS.interactive, createUsage());
  startLane(world, 'bulk', WORKERS.bulk, createUsage());
  await seedRooms(world, task, progress);
  lag.isOff = false;

  const releasing = createUsage();
  time.after(DUE_MS - time.nowMs(), () => {
    if (task.releases) startReleaser(world, releasing);
    keepCreating(world, calls);
  });
  await time.run(DUE_MS);
  const api = task.releases ? 'DeleteRoom' : 'CreateRoom';
  const hasBegun = () =>
    REGIONS.every((region) => calls.some((call) => call.region === region && call.api === api && call.atMs > DUE_MS));
  await time.run(DUE_MS + FIRST_RELEASE_WITHIN_MS, hasBegun);
  const fromMs = time.nowMs();
  index.restart();
  for (let second = 0; second < task.windowSeconds; second += 60) {
    await time.run(fromMs + Math.min(second + 60, task.windowSeconds) * 1_000);
    progress(`${second + 60} of ${task.windowSeconds} simulated seconds`);
  }
  const share = (name: string) =>
    shareOf(
      calls.filter((call) => call.api === name && call.atMs > fromMs),
      task,
    );
  return {
    deleteRoom: share('DeleteRoom'),
    createRoom: share('CreateRoom'),
    getRoom: share('GetRoom'),
    throttled: calls.filter(({ status, atMs }) => status === 429 && atMs > DUE_MS).length,
    index: indexFigures(world, task),
    released: calls.filter(({ api: name, status }) => name === 'DeleteRoom' && status === 204).length,
    problems: world.problems,
    releasing,
  };
}

function shareOf(calls: readonly ChatCall[], { windowSeconds }: DueTask): { all: number; least: number } {
  const counts = REGIONS.map((region) => calls.filter((call) => call.region === region && call.status < 300).length);
  const possible = CALLS_PER_SECOND * windowSeconds;
  const all = counts.reduce((sum, count) => sum + count, 0);
  return { all: all / (possible * REGIONS.length), least: Math.min(...counts) / possible };
}

function indexFigures({ index }: ReleaseWorld, { windowSeconds }: DueTask): DueResult['index'] {
  const partitions = index.partitions();
  const all = partitions.reduce((sum, { writes }) => sum + writes, 0);
  return {
    partitions: partitions.length,
    average: all / partitions.length / windowSeconds,
    busiest: Math.max(...partitions.map(({ writes }) => writes)) / windowSeconds,
    mostInASecond: Math.max(...partitions.map(({ mostPerSecond }) => mostPerSecond)),
  };
}

/**
 * Keeps requests for rooms in the queue, as the reader of a manifest does: more in each region than its quota permits in the next seconds. The
 * rooms are wanted for a day.
 */
function keepCreating({ time, queues }: ReleaseWorld, calls: readonly ChatCall[]): void {
  const sent = new Map<Region, number>();
  const created = new Map<string, number>();
  let read = 0;

  function topUp(): void {
    for (const { api, region, status } of calls.slice(read))
      if (api === 'CreateRoom' && status === 200) created.set(region, (created.get(region) ?? 0) + 1);
    read = calls.length;
    for (const region of REGIONS) {
      const first = sent.get(region) ?? 0;
      const missing = OUTSTANDING - (first - (created.get(region) ?? 0));
      const rows = Array.from({ length: missing }, (_, index) => `import-${region}-${first + index}`);
      queues.bulk.send(rows.map((key) => requestOf(key, region, 'importer', DUE_MS + 24 * HOUR_MS)));
      sent.set(region, first + missing);
    }
    time.after(1_000, topUp);
  }

  topUp();
}

/** The first room of a region, which was created through the real function. */
interface FirstRoom {
  region: Region;
  key: string;
  stored: Item;
  item: RoomItem;
}

/** Creates one room in each region through the real function, and then copies of it and of its item. */
async function seedRooms(world: ReleaseWorld, { rooms }: DueTask, progress: (text: string) => void): Promise<void> {
  const { time, queues, memory, chat } = world;
  const keyOf = (region: Region) => `first-${region}`;
  queues.interactive.send(REGIONS.map((region) => requestOf(keyOf(region), region, 'importer', DUE_MS)));
  await time.run(START_MS + HOUR_MS, () => queues.interactive.length === 0);
  const items = memory.items(CONFIG.ledgerTable);
  const firsts = REGIONS.map((region) => firstRoom(items, region, keyOf(region)));
  chat.admin.setQuotas({ tps: { CreateRoom: 1e9 }, burst: 1e9 });
  for (let number = firsts.length; number < rooms; number++) {
    const first = firsts[number % firsts.length];
    if (first) await copyRoom(world, first, `due-${first.region}-${number}`);
    if (number % SEEDS_PER_PROGRESS === 0) progress(`${number} of ${rooms} rooms exist`);
  }
  chat.admin.setQuotas({ tps: { CreateRoom: CALLS_PER_SECOND }, burst: 2 });
}

function firstRoom(items: readonly Item[], region: Region, key: string): FirstRoom {
  const stored = items.find(({ id }) => id?.S === ledgerKey(key));
  const item = parseLedgerItem(attributesSchema.parse(stored));
  if (stored === undefined || item.decision !== 'room') throw new Error(`The first room of ${region} was not created`);
  return { region, key, stored, item };
}

const attributesSchema = z.custom<Record<string, AttributeValue>>((value) => typeof value === 'object');
const createdSchema = z.object({ arn: z.string() });

async function copyRoom(world: ReleaseWorld, { region, key: firstKey, stored, item }: FirstRoom, key: string) {
  const { memory, index, chat, clock } = world;
  const response = await chat.handle({
    method: 'POST',
    path: '/CreateRoom',
    query: new URLSearchParams(),
    headers: signedAt(clock.nowMs()),
    body: Buffer.from(JSON.stringify({ name: key, tags: { [CLAIM_TAG]: claimTag(item) } })),
    region,
  });
  const { arn } = createdSchema.parse(JSON.parse('lost' in response ? '{}' : String(response.body)));
  const id = ledgerKey(key);
  const copy = replaceIn(stored, [
    [item.id, id],
    [firstKey, key],
    [idIn(item.room_arn), idIn(arn)],
  ]);
  const Item = { ...copy, release_shard: { S: releaseShard({ id, region }) } };
  await callTable(memory, 'PutItem', { TableName: CONFIG.ledgerTable, Item });
  index.note(Item, clock.nowMs());
}

function idIn(arn: string): string {
  return arn.split('/').at(-1) ?? arn;
}
