import * as z from 'zod';
import { type Journal, readJournal, startJournal } from '../ivschat/journal.ts';
import { type Schedule, scheduleSchema } from './schedule.ts';

/** The stored schedules and groups. */
export interface ScheduleStore {
  schedules(): Schedule[];
  get(group: string, name: string): Schedule | undefined;
  put(schedule: Schedule): void;
  remove(group: string, name: string): void;
  groups(): string[];
  putGroup(name: string): void;
  /** Removes a group with all of its schedules. */
  removeGroup(name: string): void;
  close(): void;
}

const entrySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('schedule'), schedule: scheduleSchema }),
  z.object({ kind: z.literal('removed'), group: z.string(), name: z.string() }),
  z.object({ kind: z.literal('group'), name: z.string() }),
  z.object({ kind: z.literal('group-removed'), name: z.string() }),
]);

type Entry = z.infer<typeof entrySchema>;

/** The group that every account has. */
export const DEFAULT_GROUP = 'default';

/**
 * Opens the stored schedules in memory. With a `dataFile`, every change is journaled there before it takes effect.
 * @throws Error if the data file cannot be read
 */
export function openScheduleStore(dataFile?: string): ScheduleStore {
  const schedules = new Map<string, Schedule>();
  const groups = new Set([DEFAULT_GROUP]);
  let journal: Journal | undefined;

  function apply(entry: Entry): void {
    if (entry.kind === 'schedule') schedules.set(pathOf(entry.schedule.GroupName, entry.schedule.Name), entry.schedule);
    else if (entry.kind === 'removed') schedules.delete(pathOf(entry.group, entry.name));
    else if (entry.kind === 'group') groups.add(entry.name);
    else {
      groups.delete(entry.name);
      for (const [path, { GroupName }] of schedules) if (GroupName === entry.name) schedules.delete(path);
    }
  }

  function record(entry: Entry): void {
    journal?.append(entry);
    apply(entry);
  }

  if (dataFile !== undefined) {
    for (const entry of readJournal(dataFile)) apply(entrySchema.parse(entry));
    journal = startJournal(dataFile, [
      ...[...groups].map((name): Entry => ({ kind: 'group', name })),
      ...[...schedules.values()].map((schedule): Entry => ({ kind: 'schedule', schedule })),
    ]);
  }

  return {
    schedules: () => [...schedules.values()],
    get: (group, name) => schedules.get(pathOf(group, name)),
    put: (schedule) => record({ kind: 'schedule', schedule }),
    remove: (group, name) => record({ kind: 'removed', group, name }),
    groups: () => [...groups],
    putGroup: (name) => record({ kind: 'group', name }),
    removeGroup: (name) => record({ kind: 'group-removed', name }),
    close: () => journal?.close(),
  };
}

function pathOf(group: string, name: string): string {
  return `${group}/${name}`;
}
