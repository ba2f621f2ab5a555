import type { Random } from '../platform/backoff.ts';
import { type DueKey, listDue } from './due-index.ts';
import type { ReleaseRun } from './release-run.ts';

/** The keys of the due rooms of one region, one at a time. */
export interface DueRooms {
  /** One of the oldest keys; undefined if none is left. @throws the SDK's error if the index cannot be read */
  next(): Promise<DueKey | undefined>;
  /** Keys that were read, but not taken. */
  left(): readonly DueKey[];
}

/**
 * Reads the due index of a region repeatedly, until it lists nothing new. The index may still list items that this run has handled, so each
 * entry is taken only once. The keys of one query come in random order, so that overlapping invocations rarely take the same one.
 */
export function createDueRooms(region: string, { services, signal }: ReleaseRun): DueRooms {
  const { clients, clock, config, random } = services;
  const taken = new Set<string>();
  let waiting: DueKey[] = [];
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    const source = { dynamodb: clients.dynamodb, tableName: config.ledgerTable, signal };
    const due = await listDue(source, region, clock.nowMs());
    waiting = shuffled(
      due.filter((key) => !taken.has(nameOf(key))),
      random,
    );
  }

  return {
    async next() {
      if (waiting.length === 0) {
        reading ??= read().finally(() => {
          reading = undefined;
        });
        await reading;
      }
      const key = waiting.shift();
      if (key) taken.add(nameOf(key));
      return key;
    },
    left: () => waiting,
  };
}

function nameOf({ id, lookAtMs }: DueKey): string {
  return `${id}@${lookAtMs}`;
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
