import type { StateCounts } from '../../client/operate/release/plan-release.ts';
import type { ReleasedRow } from '../../client/operate/release/report-releases.ts';
import { KEEP_MS } from '../../lib/contract/release-wish.ts';
import { counted } from './bulk-lines.ts';
import { releaseFactsJson } from './release-json.ts';
import { has, is, statesText } from './release-lines.ts';

/** The present release states of the rooms of a job. */
export interface ReportReleases {
  /** The number of keys. Rows that repeat a key do not count again, and invalid rows have none. */
  keys: number;
  states: StateCounts;
  /** How many keys have a release time, and how many are to be kept. */
  withReleaseTime: number;
  kept: number;
}

/** Counts rows as they are printed. */
export function createReportTally() {
  const seen = new Set<string>();
  const totals: ReportReleases = { keys: 0, states: {}, withReleaseTime: 0, kept: 0 };
  return {
    totals,
    note({ release }: ReleasedRow): void {
      if (release === undefined || seen.has(release.key)) return;
      seen.add(release.key);
      totals.keys += 1;
      totals.states[release.state] = (totals.states[release.state] ?? 0) + 1;
      if (release.wish?.releaseAtMs === KEEP_MS) totals.kept += 1;
      else if (release.wish !== undefined) totals.withReleaseTime += 1;
    },
  };
}

/** A row of the report with the member `release`, as one line of NDJSON. */
export function releasedRowLine({ row, release }: ReleasedRow): string {
  return `${JSON.stringify({ ...row, ...(release && { release: releaseFactsJson(release) }) })}\n`;
}

/** The counts for people. */
export function reportReleaseLines({ keys, states, withReleaseTime, kept }: ReportReleases): string[] {
  return [
    `${counted(keys, 'room')}: ${statesText(states)}`,
    `${withReleaseTime === 0 ? 'None' : withReleaseTime} of them ${has(withReleaseTime)} a release time.${kept > 0 ? ` ${kept} ${is(kept)} to be kept.` : ''}`,
  ];
}
