import type { Waiting } from '../../../lib/platform/backoff.ts';
import { type ReportRow, reportRows } from '../../bulk-report.ts';
import type { Deployment } from '../../deployment.ts';
import { inBatches } from '../in-batches.ts';
import { readRoomReleases } from './read-room-releases.ts';
import type { NamedKey, RoomRelease } from './room-release.ts';

/** A row of a report, and the present release state of its room. `release` is absent for an invalid row, which has no key. */
export interface ReleasedRow {
  row: ReportRow;
  release?: RoomRelease;
}

/**
 * The rows of a job's report, in their order, each with its room's release according to the ledger. A report contains the outcomes at the
 * end of the job, so it does not contain releases. Needs `dynamodb:BatchGetItem` on the ledger: one call for 100 rows.
 * @throws UserError if there is no report; errors from `batchGet`
 */
export async function* rowsWithReleases(
  deployment: Deployment,
  jobId: string,
  waiting: Waiting,
): AsyncGenerator<ReleasedRow> {
  for await (const rows of inBatches(reportRows(deployment, jobId, waiting.signal))) {
    const releases = new Map<string, RoomRelease>();
    for await (const release of readRoomReleases(deployment, keysIn(rows), waiting)) releases.set(release.key, release);
    for (const row of rows) {
      const release = row.key === undefined ? undefined : releases.get(row.key);
      yield { row, ...(release && { release }) };
    }
  }
}

async function* keysIn(rows: readonly ReportRow[]): AsyncGenerator<NamedKey> {
  for (const { key } of rows) if (key !== undefined) yield { key };
}
