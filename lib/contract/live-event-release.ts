import { durationMs, durationSchema } from './duration.ts';
import type { ScheduledLiveEvent } from './live-event.ts';
import { endOf, type Moment } from './live-event-moments.ts';
import type { Problem } from './problems.ts';
import { MAX_RELEASE_DAYS, switchedOffProblems } from './release-problems.ts';

const MINUTE_MS = 60_000;
const MAX_RELEASE_MS = MAX_RELEASE_DAYS * 24 * 60 * MINUTE_MS;

/** When the rooms of a live event are released, in epoch milliseconds. */
export interface LiveEventRelease {
  endsAtMs?: number;
  /** Absent: the event has no wish, and its rooms are kept. */
  releaseAtMs?: number;
}

/**
 * When the rooms of a live event are released: when `releaseAfter` has passed since the end, or since the start if the event states no end.
 * It is at least a minute after the start.
 * @param event its `releaseAfter` is valid
 * @param endsAtMs undefined if the event states no end
 * @returns undefined if the event states neither `releaseAfter` nor an end, so that its rooms are kept
 */
export function releaseTimeMs(
  { releaseAfter }: Pick<ScheduledLiveEvent, 'releaseAfter'>,
  startsAtMs: number,
  endsAtMs: number | undefined,
): number | undefined {
  if (endsAtMs === undefined && releaseAfter === undefined) return undefined;
  const afterMs = releaseAfter === undefined ? 0 : durationMs(releaseAfter);
  return Math.max((endsAtMs ?? startsAtMs) + afterMs, startsAtMs + MINUTE_MS);
}

/** The release of an event, and all problems of the fields that state it. It is complete only if there are no problems. */
export function liveEventRelease(
  fields: Record<string, unknown>,
  { ms: startsAtMs, problems: startProblems }: Moment,
  releases: boolean,
): { release: LiveEventRelease; problems: Problem[] } {
  const off = switchedOffProblems(fields, ['endsAt', 'releaseAfter'], releases);
  if (off.length > 0) return { release: {}, problems: off };
  const end = fields.endsAt === undefined ? { problems: [] } : endOf(fields);
  const releaseAfter = durationSchema.safeParse(fields.releaseAfter).data;
  const problems = [
    // A missing or wrong time zone is reported once.
    ...end.problems.filter(({ path }) => startProblems.every((problem) => problem.path !== path)),
    ...endProblems(startsAtMs, end.ms),
    ...(releaseAfter !== undefined && durationMs(releaseAfter) > MAX_RELEASE_MS
      ? [{ path: 'releaseAfter', message: `must be at most P${MAX_RELEASE_DAYS}D` }]
      : []),
  ];
  if (startsAtMs === undefined) return { release: {}, problems };
  const releaseAtMs = releaseTimeMs(releaseAfter === undefined ? {} : { releaseAfter }, startsAtMs, end.ms);
  const release = {
    ...(end.ms !== undefined && { endsAtMs: end.ms }),
    ...(releaseAtMs !== undefined && { releaseAtMs }),
  };
  return { release, problems };
}

function endProblems(startsAtMs: number | undefined, endsAtMs: number | undefined): Problem[] {
  if (startsAtMs === undefined || endsAtMs === undefined) return [];
  const path = 'endsAt';
  if (endsAtMs <= startsAtMs) return [{ path, message: 'must be after startsAt' }];
  if (endsAtMs <= startsAtMs + MAX_RELEASE_MS) return [];
  return [{ path, message: `must be at most ${MAX_RELEASE_DAYS} days after startsAt` }];
}
