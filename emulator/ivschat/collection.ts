/** The members that all resources have. */
export interface Resource {
  arn: string;
  id: string;
  /** ISO 8601 in UTC with milliseconds, so that the order of the strings is the order of the times. */
  updateTime: string;
}

/** A state of a resource (null: deleted), and the time from which listings show it. */
export interface Version<T> {
  visibleAtMs: number;
  value: T | null;
}

export interface Collection<T extends Resource> {
  /** The newest state, even if listings do not show it yet. */
  get(arn: string): T | undefined;
  put(value: T, nowMs: number): void;
  remove(arn: string, nowMs: number): void;
  /** Every resource in its newest state, even if listings do not show it yet. */
  all(): T[];
  /** How many resources exist, even if listings do not show them yet. */
  count(): number;
  /** The matching resources as a listing shows them at this time, in descending order of updateTime. */
  listed(nowMs: number, matches?: (value: T) => boolean): T[];
  /** For the journal: all versions of each resource, and a function to restore them. */
  entries(): Iterable<[string, Version<T>[]]>;
  restore(arn: string, versions: Version<T>[]): void;
}

/**
 * The resources of one kind in one region.
 *
 * @param lagMs draws, for every change, the time until listings show it. Changes of one resource become visible in order
 * @param onChange called with the versions of a resource before they take effect
 */
export function createCollection<T extends Resource>(
  lagMs: () => number,
  onChange: (arn: string, versions: Version<T>[]) => void,
): Collection<T> {
  const versionsByArn = new Map<string, Version<T>[]>();
  let existing = 0;
  let shown: { fromMs: number; untilMs: number; values: T[] } | undefined;

  const newest = (arn: string) => versionsByArn.get(arn)?.at(-1)?.value ?? undefined;

  /** Stores the versions at the end of the map. So the map is almost sorted by updateTime, and sorting a listing is cheap. */
  function restore(arn: string, versions: Version<T>[]): void {
    existing += (versions.at(-1)?.value ? 1 : 0) - (newest(arn) ? 1 : 0);
    versionsByArn.delete(arn);
    versionsByArn.set(arn, versions);
    shown = undefined;
  }

  function change(arn: string, value: T | null, nowMs: number): void {
    const known = versionsByArn.get(arn) ?? [];
    const visibleAtMs = Math.max(nowMs + lagMs(), known.at(-1)?.visibleAtMs ?? 0);
    const shown = known.findLastIndex((version) => version.visibleAtMs <= nowMs);
    const versions = [...known.slice(Math.max(shown, 0)), { visibleAtMs, value }];
    onChange(arn, versions);
    restore(arn, versions);
  }

  /** The content of listings at this time. It is cached until it changes, because every page needs it. */
  function shownAt(nowMs: number): T[] {
    if (shown && shown.fromMs <= nowMs && nowMs < shown.untilMs) return shown.values;
    const values: T[] = [];
    let untilMs = Number.POSITIVE_INFINITY;
    for (const [arn, versions] of versionsByArn) {
      const version = versions.findLast(({ visibleAtMs }) => visibleAtMs <= nowMs);
      const next = versions.find(({ visibleAtMs }) => visibleAtMs > nowMs);
      if (next) untilMs = Math.min(untilMs, next.visibleAtMs);
      if (version?.value) values.push(version.value);
      if (version?.value === null && version === versions.at(-1)) versionsByArn.delete(arn);
    }
    shown = { fromMs: nowMs, untilMs, values: values.reverse().sort(newestFirst) };
    return shown.values;
  }

  return {
    get: newest,
    put: (value, nowMs) => change(value.arn, value, nowMs),
    remove: (arn, nowMs) => change(arn, null, nowMs),
    all: () => [...versionsByArn.values()].flatMap((versions) => versions.at(-1)?.value ?? []),
    count: () => existing,
    listed: (nowMs, matches = () => true) => shownAt(nowMs).filter(matches),
    entries: () => versionsByArn,
    restore,
  };
}

/** Orders by descending updateTime, and equal times by id, so that a page token identifies exactly one position. */
export function newestFirst(a: Pick<Resource, 'updateTime' | 'id'>, b: Pick<Resource, 'updateTime' | 'id'>): number {
  if (a.updateTime !== b.updateTime) return a.updateTime < b.updateTime ? 1 : -1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? 1 : -1;
}
