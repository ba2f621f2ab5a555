import type { Problem } from './problems.ts';
import { KEEP_MS } from './release-wish.ts';
import { timestampMs, timestampSchema } from './timestamp.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** The longest time between the sending of a request, or the upload of a manifest, and the release. */
export const MAX_RELEASE_DAYS = 400;

/** The problem of a message with a wish in a deployment that releases no rooms. */
export const RELEASES_OFF = 'releases are switched off in this deployment: set the parameter "releases" to true first';

/** @returns epoch milliseconds; undefined if the field is absent or invalid */
export function timeIn(value: unknown): number | undefined {
  const { data } = timestampSchema.safeParse(value);
  return data === undefined ? undefined : timestampMs(data);
}

/**
 * The problems of a release time.
 * @param sinceMs when the request was sent or the manifest was uploaded; undefined if the time was checked before, as in a live event
 */
export function releaseTimeProblems(path: string, releaseAtMs: number | undefined, sinceMs?: number): Problem[] {
  if (releaseAtMs === undefined) return [];
  if (releaseAtMs >= KEEP_MS) return [{ path, message: 'must be before 9999-12-31T23:59:59Z' }];
  if (sinceMs === undefined || releaseAtMs <= sinceMs + MAX_RELEASE_DAYS * DAY_MS) return [];
  return [{ path, message: `must be at most ${MAX_RELEASE_DAYS} days after ${new Date(sinceMs).toISOString()}` }];
}

/** The problems of fields that state a wish in a deployment that releases no rooms. */
export function switchedOffProblems(
  fields: Readonly<Record<string, unknown>>,
  names: readonly string[],
  releases: boolean,
): Problem[] {
  if (releases) return [];
  return names.filter((name) => fields[name] !== undefined).map((path) => ({ path, message: RELEASES_OFF }));
}
