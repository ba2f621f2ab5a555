import type { Item } from '../../emulator/dynamodb/dynalite.ts';

/** The writes to the due index, which DynamoDB makes when it changes an item. */
export interface IndexWrites {
  /** Notes the item that a write has produced. @returns how many writes the index needs for it */
  note(item: Item, nowMs: number): number;
  /** For each partition since the count began: the highest number of writes in a second, and the number of all writes. */
  partitions(): { partition: string; writes: number; mostPerSecond: number }[];
  /** Resets the counts, but keeps the entries. */
  restart(): void;
}

interface Place {
  partition: string;
  lookAt: string;
}

/**
 * Counts writes as DynamoDB documents them: one for a new entry, one for an entry that is removed, and two if the value of a key attribute
 * of the index changes. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
 */
export function createIndexWrites(): IndexWrites {
  const places = new Map<string, Place>();
  const perSecond = new Map<string, { second: number; inSecond: number; most: number; all: number }>();

  function count({ partition }: Place, nowMs: number): 1 {
    const second = Math.floor(nowMs / 1_000);
    const known = perSecond.get(partition) ?? { second, inSecond: 0, most: 0, all: 0 };
    const inSecond = known.second === second ? known.inSecond + 1 : 1;
    perSecond.set(partition, { second, inSecond, most: Math.max(known.most, inSecond), all: known.all + 1 });
    return 1;
  }

  return {
    note(item, nowMs) {
      const id = String(item.id?.S);
      const before = places.get(id);
      const after = placeOf(item);
      if (before?.partition === after?.partition && before?.lookAt === after?.lookAt) return 0;
      if (after) places.set(id, after);
      else places.delete(id);
      return (before ? count(before, nowMs) : 0) + (after ? count(after, nowMs) : 0);
    },
    partitions: () =>
      [...perSecond].map(([partition, { all, most }]) => ({ partition, writes: all, mostPerSecond: most })),
    restart: () => perSecond.clear(),
  };
}

function placeOf({ release_shard, release_look_at }: Item): Place | undefined {
  if (release_shard === undefined || release_look_at === undefined) return undefined;
  return { partition: String(release_shard.S), lookAt: String(release_look_at.N) };
}
