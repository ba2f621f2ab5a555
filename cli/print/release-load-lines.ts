import { printable } from '../../client/completion-line.ts';
import { ceilingNow, rateNow } from '../../client/describe/pace-now.ts';
import { clockText, timeText } from '../../client/describe/time-text.ts';
import { alignColumns } from '../../client/fit-line.ts';
import { RELEASES_PER_SECOND } from '../../client/operate/release/plan-release.ts';
import type { WaitingReleases } from '../../client/operate/release/release-load.ts';
import type { StageLoad } from '../../client/operate/stage-load.ts';
import { releasesStoppedSinceMs } from '../../lib/pace/operator-settings.ts';
import type { PaceItem } from '../../lib/pace/pace-item.ts';
import { durationText } from './bulk-lines.ts';
import { rateText } from './pace-lines.ts';

const HEADER = ['releases', 'due', 'later', 'overdue by', 'calls/s', 'limit', 'stopped'];

/** The releases of the regions in which rooms wait for their release, or releases are stopped. */
export function releaseLoadLines(load: StageLoad): string[] {
  const { atMs, releases } = load;
  const regions = regionsOf(load).filter(({ item, waits }) => hasWaiting(waits) || stoppedSince(item) !== undefined);
  const unread = releases.kind === 'unread' ? [printable(`Waiting releases cannot be counted: ${releases.why}`)] : [];
  if (regions.length === 0) return unread.length > 0 ? unread : ['No room waits for its release.'];
  const rows = regions.map(({ region, item, waits }) => {
    const stoppedMs = stoppedSince(item);
    return [
      region,
      ...countTexts(waits, atMs),
      rateText(rateNow(item, atMs)),
      rateText(ceilingNow(item)),
      stoppedMs === undefined ? '-' : `since ${clockText(stoppedMs, atMs)}`,
    ];
  });
  return [...alignColumns([HEADER, ...rows], [1, 2, 3, 4, 5]), ...timeLeftLines(regions, atMs), ...unread];
}

/** The same for programs, in all regions. */
export function releaseLoadJson(load: StageLoad): object {
  const { atMs, releases } = load;
  return {
    releases: regionsOf(load).map(({ region, item, waits }) => {
      const stoppedMs = stoppedSince(item);
      return {
        region,
        ...(waits && {
          due: waits.due,
          later: waits.waiting,
          ...(waits.more !== 'none' && { isIncomplete: true }),
          overdueSeconds: waits.dueSinceMs === undefined ? 0 : Math.round((atMs - waits.dueSinceMs) / 1000),
        }),
        callsPerSecond: rateNow(item, atMs),
        ceiling: ceilingNow(item),
        stopped: stoppedMs !== undefined,
        ...(stoppedMs !== undefined && { stoppedAt: timeText(stoppedMs) }),
      };
    }),
    ...(releases.kind === 'unread' && { releasesNotCounted: releases.why }),
  };
}

interface RegionLoad {
  region: string;
  /** The pace item of DeleteRoom. */
  item: PaceItem;
  waits: WaitingReleases | undefined;
}

function regionsOf({ releasePaces, releases }: StageLoad): RegionLoad[] {
  const counted = releases.kind === 'read' ? releases.regions : [];
  return releasePaces.map(({ region, item }) => {
    return { region, item, waits: counted.find((each) => each.region === region) };
  });
}

function hasWaiting(waits: WaitingReleases | undefined): boolean {
  return waits !== undefined && waits.due + waits.waiting > 0;
}

function stoppedSince(item: PaceItem): number | undefined {
  return releasesStoppedSinceMs(item);
}

/** The columns of the counts. A plus means that there are more than were counted. */
function countTexts(waits: WaitingReleases | undefined, atMs: number): [string, string, string] {
  if (waits === undefined) return ['-', '-', '-'];
  const { due, waiting, more, dueSinceMs } = waits;
  const overdue = dueSinceMs === undefined ? '-' : durationText(Math.max(0, atMs - dueSinceMs) / 1000);
  return [`${due}${more === 'due' ? '+' : ''}`, `${waiting}${more === 'none' ? '' : '+'}`, overdue];
}

/** How long the due releases take in the regions in which releases are not stopped. Regions work in parallel. */
function timeLeftLines(regions: readonly RegionLoad[], atMs: number): string[] {
  const seconds = regions
    .filter(({ item }) => stoppedSince(item) === undefined)
    .map(({ item, waits }) => (waits?.due ?? 0) / (rateNow(item, atMs) ?? RELEASES_PER_SECOND));
  const longest = Math.max(0, ...seconds);
  return longest === 0 ? [] : [`The releases that are due take about ${durationText(longest)}.`];
}
