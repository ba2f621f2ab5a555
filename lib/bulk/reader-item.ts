import { type AttributeValue, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { updateItem } from '../platform/tables.ts';
import { type ItemUpdate, setAttributes } from '../platform/update-expression.ts';
import { rosterPk } from '../rosters/roster-item.ts';
import type { ManifestNotice } from './manifest-notice.ts';

const count = z.int().check(z.minimum(0));

const regionProgressSchema = z.object({
  /** The region's rows up to this position in the manifest are written, and their requests are sent. */
  place: count,
  /** When a pass last found the region full, and how many of its rows had been answered by then. */
  looked_at: z.optional(z.number()),
  answered: z.optional(count),
  /** The time since which no row has been answered. */
  stalled_at: z.optional(z.number()),
});

/** The progress of the rows of one region. */
export type RegionProgress = z.infer<typeof regionProgressSchema>;

const noticeSchema = z.object({
  bucket: z.string(),
  key: z.string(),
  etag: z.string(),
  sequencer: z.exactOptional(z.string()),
  putAtMs: z.exactOptional(z.number()),
});

const readerItemSchema = z.object({
  /** When the lease of the current reader ends, unless the reader releases it earlier. Epoch milliseconds. */
  lease_end: z._default(z.number(), 0),
  /** The numbers of rows by kind. Present once the whole manifest has been checked. */
  checked: z.optional(z.object({ rows: count, members: count, invalid: count, repeated: count })),
  /**
   * How the manifest was read when it was checked. Later passes read it in the same way, even if the metadata of the object has changed.
   * Absent in items of earlier versions.
   */
  read_as: z.optional(z.object({ encoding: z.exactOptional(z.string()), literal: z.boolean() })),
  /**
   * The checkpoint of all regions together: the rows up to this position are written, and their requests are sent. Items that a version
   * without `regions` wrote have only this checkpoint.
   */
  done: z._default(count, 0),
  /** The checkpoint of each region, if it is beyond `done`. `-`: rows for which no request is sent. */
  regions: z._default(z.record(z.string(), regionProgressSchema), {}),
  /** How many rows the checkpoints cover. */
  handled: z.optional(count),
  /**
   * When a reader last made progress, or the time for which it planned the next pass. A problem that appears later cannot have begun
   * before this time. Epoch milliseconds.
   */
  progressed_at: z.optional(z.number()),
  /**
   * The last notice that a reader of the manifest has handled, so that an operator can send it again. Absent in items of earlier versions.
   */
  notice: z.optional(noticeSchema),
  /** Other names under which the same content was uploaded. Each is a separate job. Only the item of the first job has this attribute. */
  names: z._default(z.set(z.string()), new Set()),
});

/** The `reader` item of a bulk job: the progress of its reader. It is separate from `meta`, which the tracker writes. */
export type ReaderItem = z.infer<typeof readerItemSchema>;
export type Checked = NonNullable<ReaderItem['checked']>;

export interface Lease {
  nowMs: number;
  endMs: number;
  /** The notice for which the manifest is read. */
  notice?: ManifestNotice;
}

export interface ReaderItems {
  read(jobId: string, signal?: AbortSignal): Promise<ReaderItem | undefined>;
  /**
   * Acquires the lease on the manifest. `free`: whether this reader now has the lease. If not, `item` contains the lease of another reader.
   */
  acquire(jobId: string, lease: Lease): Promise<{ free: boolean; item: ReaderItem }>;
  /** Stores the progress of a reader that still has its lease. @returns whether it was stored */
  store(jobId: string, leaseEndMs: number, progress: Partial<ReaderItem>): Promise<boolean>;
  /** Removes stored progress, so that the manifest is checked and read again from the beginning. @returns the item after the change */
  forget(jobId: string, leaseEndMs: number, what: readonly Forgettable[]): Promise<ReaderItem>;
  /** The last `progressed_at` that this process has read. It is available even while the table cannot be read. */
  progressedAtMs(jobId: string): number | undefined;
  /** Adds a name under which the content of a job was uploaded again. @returns all of these names */
  addName(jobId: string, name: string): Promise<ReadonlySet<string>>;
}

/** The attributes that store progress, and the other names of the content. */
type Forgettable = 'checked' | 'read_as' | 'regions' | 'handled' | 'names';
export const PROGRESS: readonly Forgettable[] = ['checked', 'read_as', 'regions', 'handled'];

const READER_SK = 'reader';

/** The key of the `reader` item of a job. */
export function readerKey(jobId: string) {
  return { pk: { S: rosterPk(jobId) }, sk: { S: READER_SK } };
}

/** @throws ZodError */
export function parseReaderItem(attributes: Record<string, AttributeValue> | undefined): ReaderItem {
  return readerItemSchema.parse(attributes ? unmarshall(attributes) : {});
}

export function createReaderItems(dynamodb: DynamoDBClient, tableName: string, retentionSeconds: number): ReaderItems {
  /** `progressed_at` of each job that this process has read. */
  const progressedAt = new Map<string, number>();

  function parse(jobId: string, attributes: Record<string, AttributeValue> | undefined): ReaderItem {
    const item = parseReaderItem(attributes);
    if (item.progressed_at !== undefined) progressedAt.set(jobId, item.progressed_at);
    return item;
  }

  async function write(jobId: string, change: Omit<ItemUpdate, 'tableName' | 'key'>) {
    const { written, attributes } = await updateItem(dynamodb, { tableName, key: readerKey(jobId), ...change });
    return { written, item: parse(jobId, attributes) };
  }

  return {
    async read(jobId, signal) {
      const command = new GetItemCommand({ TableName: tableName, Key: readerKey(jobId), ConsistentRead: true });
      const { Item } = await dynamodb.send(command, signal && { abortSignal: signal });
      return Item && parse(jobId, Item);
    },
    progressedAtMs: (jobId) => progressedAt.get(jobId),
    async acquire(jobId, { nowMs, endMs, notice }) {
      const attributes = { lease_end: endMs, notice, expires_at: Math.ceil(nowMs / 1000) + retentionSeconds };
      const { update, values } = setAttributes(attributes);
      const condition = 'attribute_not_exists(#lease_end) OR #lease_end <= :now';
      const { written, item } = await write(jobId, { update, condition, values: { ...values, now: nowMs } });
      return { free: written, item };
    },
    async store(jobId, leaseEndMs, progress) {
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
