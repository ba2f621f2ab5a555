import * as z from 'zod';
import { DUE_INDEX_NAME } from '../../lib/releasing/due-index.ts';
import { callTable } from './call-table.ts';
import { CONFIG } from './deployment.ts';
import { startLane, startReleaser } from './functions.ts';
import { DAY_MS, sendingsOf } from './programme.ts';
import { createRoomWatch } from './room-watch.ts';
import { createUsage, usageSchema } from './usage.ts';
import { createReleaseWorld, type ReleaseWorld } from './world.ts';

export const seasonTaskSchema = z.object({
  kind: z.literal('season'),
  days: z.int().positive(),
  importRooms: z.int().positive(),
  roomQuota: z.int().positive(),
  releases: z.boolean(),
  seed: z.int(),
});
export type SeasonTask = z.output<typeof seasonTaskSchema>;

const daySchema = z.object({
  requested: z.number(),
  created: z.number(),
  released: z.number(),
  /** The largest number of rooms that existed at the same time. */
  mostRooms: z.number(),
  /** CreateRoom calls that IVS Chat refused because of the room quota. */
  overQuota: z.number(),
  /** The items of the ledger and the entries of the due index at the end of the day. */
  items: z.number(),
  entries: z.number(),
  /** The largest number of entries of the due index at any full hour. */
  mostEntries: z.number(),
});
export type Day = z.output<typeof daySchema>;

export const seasonResultSchema = z.object({
  days: z.array(daySchema),
  throttled: z.number(),
  /** The shortest and the longest time between a release time and the deletion of its room, in milliseconds. */
  leastAfterMs: z.number().nullable(),
  mostAfterMs: z.number().nullable(),
  /** Rooms that existed at the end although their release time had passed more than ten minutes before. */
  overdue: z.number(),
  /** The CreateRoom calls in whole minutes of imports, by whether rooms were released in the same minute. */
  importMinutes: z.object({
    withReleases: z.number(),
    callsWith: z.number(),
    without: z.number(),
    callsWithout: z.number(),
  }),
  problems: z.record(z.string(), z.number()),
  skippedInvocations: z.number(),
  provisioning: usageSchema,
  releasing: usageSchema,
});
export type SeasonResult = z.output<typeof seasonResultSchema>;

const START_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
/** How many batches of a lane are handled concurrently. Each has ten messages, so two are enough for the quota of one region. */
const WORKERS = 2;

/** Simulates the days of a season. Everything happens in one region. */
export async function runSeason(task: SeasonTask, progress: (text: string) => void): Promise<SeasonResult> {
  const watch = createRoomWatch();
  const world = createReleaseWorld({ ...task, startMs: START_MS, onChatCall: watch.note });
  const provisioning = createUsage();
  const releasing = createUsage();
  startLane(world, 'interactive', WORKERS, provisioning);
  startLane(world, 'bulk', WORKERS, provisioning);
  const releaser = task.releases ? startReleaser(world, releasing) : { skipped: 0 };
  const days: Day[] = [];
  for (let day = 0; day < task.days && (task.releases || !watch.isOverQuota()); day++) {
    days.push(await runDay(world, watch, { ...task, day }));
    progress(`day ${day + 1} of ${task.days}`);
  }
  return {
    days,
    ...watch.result(world.time.nowMs()),
    problems: world.problems,
    skippedInvocations: releaser.skipped,
    provisioning,
    releasing,
  };
}

async function runDay(
  world: ReleaseWorld,
  watch: ReturnType<typeof createRoomWatch>,
  task: SeasonTask & { day: number },
): Promise<Day> {
  const { time, queues, memory } = world;
  const sendings = sendingsOf({ ...task, startMs: START_MS });
  for (const { atMs, lane, messages } of sendings) {
    time.after(atMs - time.nowMs(), () => {
      watch.expect(messages);
      if (lane === 'bulk') watch.importBegins(messages.length, time.nowMs());
      queues[lane].send(messages);
    });
  }
  const entries = () => memory.indexEntries(CONFIG.ledgerTable, DUE_INDEX_NAME).length;
  let mostEntries = 0;
  for (let hour = 1; hour <= 24; hour++) {
    await time.run(START_MS + task.day * DAY_MS + hour * HOUR_MS);
    mostEntries = Math.max(mostEntries, entries());
    // Without releases, no further room can be created. The requests would only return to their queue repeatedly, which is slow to simulate.
    if (!task.releases && watch.isOverQuota()) break;
  }
  await removeExpired(world);
  const sent = sendings.filter(({ atMs }) => atMs <= time.nowMs());
  const requested = sent.reduce((sum, { messages }) => sum + messages.length, 0);
  const items = memory.items(CONFIG.ledgerTable).length;
  return { requested, ...watch.takeDay(), items, entries: entries(), mostEntries };
}

/** Simulates the table's time to live, which removes items without any call. In this simulation, it removes them once a day. */
async function removeExpired({ memory, clock }: ReleaseWorld): Promise<void> {
  const nowSeconds = clock.nowMs() / 1_000;
  for (const { id, expires_at } of memory.items(CONFIG.ledgerTable)) {
    if (expires_at === undefined || Number(expires_at.N) > nowSeconds) continue;
    await callTable(memory, 'DeleteItem', { TableName: CONFIG.ledgerTable, Key: { id } });
  }
}
