import * as z from 'zod';
import { type Collection, createCollection, type History, type Lags, type Resource } from './collection.ts';
import { type Journal, readJournal, startJournal } from './journal.ts';
import { type LoggingConfiguration, loggingConfigurationSchema } from './logging-configurations.ts';
import { type Room, roomSchema } from './rooms.ts';

/** The service's resources in one region. */
export interface Region {
  rooms: Collection<Room>;
  loggingConfigurations: Collection<LoggingConfiguration>;
}

export interface Store {
  region(name: string): Region;
  regions(): Region[];
  /** Carries out the accepted deletions that are due. */
  settle(nowMs: number): void;
  /** Removes everything. */
  clear(): void;
  close(): void;
}

const historyOf = <T extends z.ZodType>(value: T) => ({
  region: z.string(),
  arn: z.string(),
  versions: z.array(z.object({ visibleAtMs: z.number(), value: value.nullable() })),
  foundFromMs: z.number().optional(),
  deletedAtMs: z.number().optional(),
});

/** One line of the journal: the stored history of one resource. */
const entrySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('room'), ...historyOf(roomSchema) }),
  z.object({ kind: z.literal('loggingConfiguration'), ...historyOf(loggingConfigurationSchema) }),
]);

type Entry = z.infer<typeof entrySchema>;

const NO_LAGS: Lags = { listingMs: () => 0, findingMs: () => 0 };

/**
 * Opens the state of all regions in memory. With a `dataFile`, every change is journaled there before it takes effect.
 *
 * @param roomLags how long ListRooms takes to show a change to a room, and other calls to find a new room
 * @throws Error if the data file cannot be read
 */
export function openStore(roomLags: Lags, dataFile?: string): Store {
  const regions = new Map<string, Region>();
  let journal: Journal | undefined;

  function region(name: string): Region {
    const known = regions.get(name);
    if (known) return known;
    const record = (entry: Entry) => journal?.append(entry);
    const made: Region = {
      rooms: createCollection(roomLags, (arn, history) => record({ kind: 'room', region: name, arn, ...history })),
      loggingConfigurations: createCollection(NO_LAGS, (arn, history) =>
        record({ kind: 'loggingConfiguration', region: name, arn, ...history }),
      ),
    };
    regions.set(name, made);
    return made;
  }

  function restore(entry: Entry): void {
    const { rooms, loggingConfigurations } = region(entry.region);
    if (entry.kind === 'room') rooms.restore(entry.arn, historyIn(entry));
    else loggingConfigurations.restore(entry.arn, historyIn(entry));
  }

  if (dataFile !== undefined) {
    for (const entry of readJournal(dataFile)) restore(entrySchema.parse(entry));
    journal = startJournal(dataFile, [...regions].flatMap(entriesOf));
  }

  return {
    region,
    regions: () => [...regions.values()],
    settle(nowMs) {
      for (const { rooms } of regions.values()) rooms.settle(nowMs);
    },
    clear() {
      regions.clear();
      journal?.close();
      if (dataFile !== undefined) journal = startJournal(dataFile, []);
    },
    close: () => journal?.close(),
  };
}

function entriesOf([region, { rooms, loggingConfigurations }]: [string, Region]): Entry[] {
  return [
    ...each(rooms, (arn, history): Entry => ({ kind: 'room', region, arn, ...history })),
    ...each(
      loggingConfigurations,
      (arn, history): Entry => ({ kind: 'loggingConfiguration', region, arn, ...history }),
    ),
  ];
}

function each<T extends Resource>(collection: Collection<T>, entry: (arn: string, history: History<T>) => Entry) {
  return [...collection.entries()].map(([arn, history]) => entry(arn, history));
}

function historyIn<T>({ versions, foundFromMs, deletedAtMs }: History<T>): History<T> {
  return { versions, foundFromMs, deletedAtMs };
}
