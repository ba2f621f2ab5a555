import * as z from 'zod';
import { callTable } from './call-table.ts';
import { CONFIG } from './deployment.ts';
import { startLane, startReleaser } from './functions.ts';
import { REGION, requestOf } from './programme.ts';
import { createUsage, usageSchema } from './usage.ts';
import { createReleaseWorld } from './world.ts';

/** Rooms that are requested one after the other on a calm day, and released if they have a wish. */
export const calmTaskSchema = z.object({
  kind: z.literal('calm'),
  rooms: z.int().positive(),
  wish: z.boolean(),
  /** How many items of other keys the ledger has at the beginning. */
  otherItems: z.int().nonnegative().default(0),
  seed: z.int(),
});
export type CalmTask = z.output<typeof calmTaskSchema>;

export const calmResultSchema = z.object({ rooms: z.number(), provisioning: usageSchema, releasing: usageSchema });
export type CalmResult = z.output<typeof calmResultSchema>;

const START_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
/** A request every two seconds never waits for another one. */
const EVERY_MS = 2_000;

export async function runCalm({ rooms, wish, otherItems, seed }: CalmTask): Promise<CalmResult> {
  const world = createReleaseWorld({ startMs: START_MS, seed, roomQuota: 2 * rooms, onChatCall: () => undefined });
  const { time, queues, memory } = world;
  for (let item = 0; item < otherItems; item++)
    await callTable(memory, 'PutItem', { TableName: CONFIG.ledgerTable, Item: { id: { S: `other-${item}` } } });
  const provisioning = createUsage();
  const releasing = createUsage();
  startLane(world, 'interactive', 1, provisioning);
  startReleaser(world, releasing);
  for (let room = 0; room < rooms; room++) {
    const sentMs = room * EVERY_MS;
    const releaseAtMs = wish ? START_MS + sentMs + HOUR_MS : undefined;
    time.after(sentMs, () => queues.interactive.send([requestOf(`room-${room}`, REGION, 'live', releaseAtMs)]));
  }
  await time.run(START_MS + rooms * EVERY_MS + 2 * HOUR_MS);
  return { rooms, provisioning, releasing };
}
