import { type AttributeValue, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { updateItem } from '../platform/tables.ts';
import { type ItemUpdate, setAttributes } from '../platform/update-expression.ts';
import { rosterPk } from '../rosters/roster-item.ts';

const count = z.int().min(0);

const regionProgressSchema = z.object({
  /** The region's rows up to this place of the manifest are written, and their requests sent. */
  place: count,
  /** When its outstanding rows were last counted, because there was no room for more, and how many had been answered then. */
  looked_at: z.number().optional(),
  answered: count.optional(),
  /** Since when no row has been answered. */
  stalled_at: z.number().optional(),
});

/** How far the rows of one region are. */
export type RegionProgress = z.infer<typeof regionProgressSchema>;

const readerItemSchema = z.object({
  /** One reader at a time has the manifest: until then, unless it gives it back before. Epoch milliseconds. */
  lease_end: z.number().default(0),
  /** What the manifest holds, once all of it was checked. */
  checked: z.object({ rows: count, members: count, invalid: count, repeated: count }).optional(),
  /**
   * The checkpoint of all regions together: the rows up to this place are written, and their requests sent. Releases before
   * `regions` know no other.
   */
  done: count.default(0),
  /** The checkpoint of each region, where it is further. `-`: rows that ask for nothing of their own. */
  regions: z.record(z.string(), regionProgressSchema).default({}),
  /** How many rows are behind these checkpoints. */
  handled: count.optional(),
  /** When a reader last got on with the manifest, or meant to look again after it: no trouble has lasted longer. Epoch milliseconds. */
  progressed_at: z.number().optional(),
  /** Names under which the same content was put there again: each is a job of its own. In the item of the first job. */
  names: z.set(z.string()).default(new Set()),
});

/** The `reader` item of a bulk job: how far the reading of its manifest is. Apart from `meta`, which the tracker writes. */
export type ReaderItem = z.infer<typeof readerItemSchema>;
export type Checked = NonNullable<ReaderItem['checked']>;

export interface ReaderItems {
  read(jobId: string, signal?: AbortSignal): Promise<ReaderItem | undefined>;
  /** Takes the manifest for one reader. `free`: nobody had it; otherwise the reader who has it is the item's. */
  acquire(jobId: string, lease: { nowMs: number; endMs: number }): Promise<{ free: boolean; item: ReaderItem }>;
  /** Notes how far the reader is; one whose lease another has taken may not. @returns whether it was noted */
  note(jobId: string, leaseEndMs: number, progress: Partial<ReaderItem>): Promise<boolean>;
  /** Has a manifest checked and read from its beginning. @returns the item as it is now */
  forget(jobId: string, leaseEndMs: number, what: readonly Forgettable[]): Promise<ReaderItem>;
  /** When a reader last got on with a manifest, as far as this process has seen: also while the table cannot be read. */
  progressedAtMs(jobId: string): number | undefined;
  /** Notes a name under which the content of a job was put there again. @returns all of them */
  addName(jobId: string, name: string): Promise<ReadonlySet<string>>;
}

/** How far the reading was, and `names`: under which the content was put there again. */
type Forgettable = 'checked' | 'regions' | 'handled' | 'names';
export const PROGRESS: readonly Forgettable[] = ['checked', 'regions', 'handled'];

const READER_SK = 'reader';

export function createReaderItems(dynamodb: DynamoDBClient, tableName: string, retentionSeconds: number): ReaderItems {
  const keyOf = (jobId: string) => ({ pk: { S: rosterPk(jobId) }, sk: { S: READER_SK } });
  /** One number for each job that this process has read. */
  const progressedAt = new Map<string, number>();

  function parse(jobId: string, attributes: Record<string, AttributeValue> | undefined): ReaderItem {
    const item = readerItemSchema.parse(attributes ? unmarshall(attributes) : {});
    if (item.progressed_at !== undefined) progressedAt.set(jobId, item.progressed_at);
    return item;
  }

  async function write(jobId: string, change: Omit<ItemUpdate, 'tableName' | 'key'>) {
    const { written, attributes } = await updateItem(dynamodb, { tableName, key: keyOf(jobId), ...change });
    return { written, item: parse(jobId, attributes) };
  }

  return {
    async read(jobId, signal) {
      const command = new GetItemCommand({ TableName: tableName, Key: keyOf(jobId), ConsistentRead: true });
      const { Item } = await dynamodb.send(command, signal && { abortSignal: signal });
      return Item && parse(jobId, Item);
    },
    progressedAtMs: (jobId) => progressedAt.get(jobId),
    async acquire(jobId, { nowMs, endMs }) {
      const attributes = { lease_end: endMs, expires_at: Math.ceil(nowMs / 1000) + retentionSeconds };
      const { update, values } = setAttributes(attributes);
      const condition = 'attribute_not_exists(#lease_end) OR #lease_end <= :now';
      const { written, item } = await write(jobId, { update, condition, values: { ...values, now: nowMs } });
      return { free: written, item };
    },
    async note(jobId, leaseEndMs, progress) {
      const { update, values } = setAttributes(progress);
      const condition = '#lease_end = :mine';
      return (await write(jobId, { update, condition, values: { ...values, mine: leaseEndMs } })).written;
    },
    async forget(jobId, leaseEndMs, what) {
      const removed = what.map((name) => `#${name}`).join(', ');
      const update = `SET #done = :done REMOVE ${removed}`;
      const values = { done: 0, mine: leaseEndMs };
      return (await write(jobId, { update, condition: '#lease_end = :mine', values })).item;
    },
    async addName(jobId, name) {
      const values = { names: new Set([name]) };
      return (await write(jobId, { update: 'ADD #names :names', values })).item.names;
    },
  };
}
