import * as z from 'zod';
import { type Collection, createCollection, type Resource, type Version } from './collection.ts';
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
  /** Removes everything. */
  clear(): void;
  close(): void;
}

const versionsOf = <T extends z.ZodType>(value: T) =>
  z.array(z.object({ visibleAtMs: z.number(), value: value.nullable() }));

/** One line of the journal: all versions of one resource. */
const entrySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('room'), region: z.string(), arn: z.string(), versions: versionsOf(roomSchema) }),
  z.object({
    kind: z.literal('loggingConfiguration'),
    region: z.string(),
    arn: z.string(),
    versions: versionsOf(loggingConfigurationSchema),
  }),
]);

type Entry = z.infer<typeof entrySchema>;

/**
 * Opens the state of all regions in memory. With a `dataFile`, every change is journaled there before it takes effect.
 *
 * @param roomLagMs draws, for every change of a room, the time until ListRooms shows it
 * @throws Error if the data file cannot be read
 */
export function openStore(roomLagMs: () => number, dataFile?: string): Store {
  const regions = new Map<string, Region>();
  let journal: Journal | undefined;

  function region(name: string): Region {
    const known = regions.get(name);
    if (known) return known;
    const record = (entry: Entry) => journal?.append(entry);
    const made: Region = {
      rooms: createCollection(roomLagMs, (arn, versions) => record({ kind: 'room', region: name, arn, versions })),
      loggingConfigurations: createCollection(
        () => 0,
        (arn, versions) => record({ kind: 'loggingConfiguration', region: name, arn, versions }),
      ),
    };
    regions.set(name, made);
    return made;
  }

  function restore(entry: Entry): void {
    const { rooms, loggingConfigurations } = region(entry.region);
    if (entry.kind === 'room') rooms.restore(entry.arn, entry.versions);
    else loggingConfigurations.restore(entry.arn, entry.versions);
  }

  if (dataFile !== undefined) {
    for (const entry of readJournal(dataFile)) restore(entrySchema.parse(entry));
    journal = startJournal(dataFile, [...regions].flatMap(entriesOf));
  }

  return {
    region,
    regions: () => [...regions.values()],
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
    ...each(rooms, (arn, versions): Entry => ({ kind: 'room', region, arn, versions })),
    ...each(loggingConfigurations, (arn, versions): Entry => ({ kind: 'loggingConfiguration', region, arn, versions })),
  ];
}

function each<T extends Resource>(collection: Collection<T>, entry: (arn: string, versions: Version<T>[]) => Entry) {
  return [...collection.entries()].map(([arn, versions]) => entry(arn, versions));
}
