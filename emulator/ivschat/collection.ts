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

/** The stored history of one resource. */
export interface History<T> {
  versions: Version<T>[];
  /** Calls that name the resource do not find it before this time, because the resource is too new. */
  foundFromMs?: number | undefined;
  /** When an accepted deletion takes effect. */
  deletedAtMs?: number | undefined;
}

export interface Collection<T extends Resource> {
  /** The newest state, even if listings do not show it yet and calls do not find it yet. */
  get(arn: string): T | undefined;
  /** The newest state as a call that names the resource finds it. Unlike listings, such a call sees every change immediately. */
  find(arn: string, nowMs: number): T | undefined;
  put(value: T, nowMs: number): void;
  remove(arn: string, nowMs: number): void;
  /**
   * Accepts a deletion that takes effect at `atMs`. If a deletion of the resource has already been accepted for an earlier time, that time
   * stays.
   */
  removeLater(arn: string, atMs: number): void;
  /** Carries out the accepted deletions that are due. Call it before each read or change of the collection. */
  settle(nowMs: number): void;
  /** Every resource in its newest state, even if listings do not show it yet. */
  all(): T[];
  /** How many resources exist, even if listings do not show them yet. */
  count(): number;
  /** The matching resources as a listing shows them at this time, in descending order of updateTime. */
  listed(nowMs: number, matches?: (value: T) => boolean): T[];
  /** For the journal: the stored history of each resource, and a function to restore it. */
  entries(): Iterable<[string, History<T>]>;
  restore(arn: string, history: History<T>): void;
}

export interface Lags {
  /** Draws, for every change, the time until listings show it. Changes of one resource become visible in order. */
  listingMs(): number;
  /** Draws, for every new resource, the time until calls that name the resource find it. */
  findingMs(): number;
}

/** When a new resource can first be found by its ARN, if that is later than its creation. */
function newborn(lags: Lags, nowMs: number): { foundFromMs?: number } {
  const lagMs = lags.findingMs();
  return lagMs > 0 ? { foundFromMs: nowMs + lagMs } : {};
}

/**
 * The resources of one kind in one region.
 *
 * @param onChange called with the new history of a resource before the change takes effect
 */
export function createCollection<T extends Resource>(
  lags: Lags,
  onChange: (arn: string, history: History<T>) => void,
): Collection<T> {
  const histories = new Map<string, History<T>>();
  const accepted = new Map<string, number>();
  let existing = 0;
  let shown: { fromMs: number; untilMs: number; values: T[] } | undefined;

  const newest = (arn: string) => histories.get(arn)?.versions.at(-1)?.value ?? undefined;

  /** Stores the history at the end of the map. The map is therefore almost sorted by updateTime, so sorting a listing is cheap. */
  function restore(arn: string, history: History<T>): void {
    existing += (history.versions.at(-1)?.value ? 1 : 0) - (newest(arn) ? 1 : 0);
    histories.delete(arn);
    histories.set(arn, history);
    if (history.deletedAtMs === undefined) accepted.delete(arn);
    else accepted.set(arn, history.deletedAtMs);
    shown = undefined;
  }

  function store(arn: string, history: History<T>): void {
    onChange(arn, history);
    restore(arn, history);
  }

  function change(arn: string, value: T | null, nowMs: number): void {
    const { versions: known, ...rest } = histories.get(arn) ?? { versions: [], ...newborn(lags, nowMs) };
    const visibleAtMs = Math.max(nowMs + lags.listingMs(), known.at(-1)?.visibleAtMs ?? 0);
    const shown = known.findLastIndex((version) => version.visibleAtMs <= nowMs);
    const versions = [...known.slice(Math.max(shown, 0)), { visibleAtMs, value }];
    store(arn, { versions, ...(value && rest) });
  }

  function removeLater(arn: string, atMs: number): void {
    const history = histories.get(arn);
    if (history) store(arn, { ...history, deletedAtMs: Math.min(atMs, history.deletedAtMs ?? atMs) });
  }

  function settle(nowMs: number): void {
    const due = [...accepted].filter(([, atMs]) => atMs <= nowMs).sort(([, a], [, b]) => a - b);
    for (const [arn, atMs] of due) change(arn, null, atMs);
  }

  /** The content of listings at this time. It is cached until it changes, because every page needs it. */
  function shownAt(nowMs: number): T[] {
    if (shown && shown.fromMs <= nowMs && nowMs < shown.untilMs) return shown.values;
    const values: T[] = [];
    let untilMs = Number.POSITIVE_INFINITY;
    for (const [arn, { versions }] of histories) {
      const version = versions.findLast(({ visibleAtMs }) => visibleAtMs <= nowMs);
      const next = versions.find(({ visibleAtMs }) => visibleAtMs > nowMs);
      if (next) untilMs = Math.min(untilMs, next.visibleAtMs);
      if (version?.value) values.push(version.value);
      if (version?.value === null && version === versions.at(-1)) histories.delete(arn);
    }
    shown = { fromMs: nowMs, untilMs, values: values.reverse().sort(newestFirst) };
    return shown.values;
  }

  return {
    get: newest,
    find: (arn, nowMs) => (nowMs < (histories.get(arn)?.foundFromMs ?? 0) ? undefined : newest(arn)),
    put: (value, nowMs) => change(value.arn, value, nowMs),
    remove: (arn, nowMs) => change(arn, null, nowMs),
    removeLater,
    settle,
    all: () => [...histories.values()].flatMap(({ versions }) => versions.at(-1)?.value ?? []),
    count: () => existing,
    listed: (nowMs, matches = () => true) => shownAt(nowMs).filter(matches),
    entries: () => histories,
    restore,
  };
}

/** Orders by descending updateTime, and equal times by id, so that a page token identifies exactly one position. */
export function newestFirst(a: Pick<Resource, 'updateTime' | 'id'>, b: Pick<Resource, 'updateTime' | 'id'>): number {
  if (a.updateTime !== b.updateTime) return a.updateTime < b.updateTime ? 1 : -1;
  if (a.id === b.id) return 0;
  return a.id < b.id ? 1 : -1;
}
