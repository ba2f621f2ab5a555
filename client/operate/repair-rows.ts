import { type PlannedRow, planRows } from '../../lib/bulk/plan-rows.ts';
import { readManifest, readRow } from '../../lib/bulk/read-manifest.ts';
import { problemText } from '../../lib/contract/problem-text.ts';
import { isRecord } from '../../lib/contract/record.ts';
import type { Region } from '../../lib/contract/regions.ts';
import { RELEASES } from '../assumed-settings.ts';
import type { ReportRow } from '../bulk-report.ts';
import { UserError } from '../user-error.ts';
import type { JobManifest } from './job-manifest.ts';

/** A row of a repair manifest. Such a manifest requests again those rows that got no room from an earlier job. */
export interface RepairRow {
  /** The reason why the row has no room from the earlier job. */
  outcome: 'failed' | 'stopped' | 'invalid';
  /** The row in the form of an NDJSON manifest. */
  value: Record<string, unknown>;
}

interface Job {
  jobId: string;
  defaultRegion: Region;
}

/**
 * Takes those rows that got no room from their job, and matches each one to its row in the job's manifest. Every row gets an explicit key,
 * so that the file name of the new manifest does not matter, and a row that was requested keeps exactly its key and its region. Rows that
 * repeat an earlier row are left out, because they request the same room.
 *
 * An invalid row must not be requested before a person has repaired it. It gets the member `problems`, which the reader of manifests
 * refuses. This member lists the problems that the reader would not find again: in NDJSON, it accepts the text NULL, for example.
 * @param without every row that has no room, in the order of the report
 * @throws UserError if the manifest does not contain a row as the report describes it
 */
export async function* repairRows(
  without: AsyncIterable<ReportRow>,
  { body, fileName, name, readAs }: JobManifest,
  { jobId, defaultRegion }: Job,
): AsyncGenerator<RepairRow> {
  const planned = planRows(readManifest(body, fileName, defaultRegion, { ...readAs, ...RELEASES }), {
    namespace: name,
    defaultRegion,
  });
  try {
    for await (const reported of without) {
      const row = await rowAt(planned, reported.row);
      if (row.kind === 'repeated') continue;
      if (row.kind === 'request') yield { outcome: outcomeOf(reported), value: requestedRow(reported, row) };
      else if (reported.outcome === 'invalid')
        yield { outcome: 'invalid', value: invalidRow(row, `bulk/${name}/row/${jobId.slice(0, 16)}/`, defaultRegion) };
      else throw new UserError(differs(reported));
    }
  } finally {
    await planned.return(undefined);
    body.destroy();
  }
}

/** The reason in a row begins with the reason in its completion. */
function outcomeOf({ reason = '' }: ReportRow): 'failed' | 'stopped' {
  return reason.startsWith('stopped: ') ? 'stopped' : 'failed';
}

async function rowAt(rows: AsyncGenerator<PlannedRow>, number: number): Promise<PlannedRow> {
  for (;;) {
    const { value, done } = await rows.next();
    if (done || value.row > number) throw new UserError(`The manifest has no row ${number}, but the report has one`);
    if (value.row === number) return value;
  }
}

function requestedRow(reported: ReportRow, { request }: Extract<PlannedRow, { kind: 'request' }>) {
  const { key, region } = reported;
  const { idempotencyKey, room, tenant, metadata, releaseAt } = request;
  // If this command and the service disagree about the row, its room could get another key.
  const isSame = key === idempotencyKey && region === request.region;
  if (!isSame) throw new UserError(differs(reported));
  return { key, region, tenant, ...(metadata && { metadata }), ...(releaseAt && { releaseAt }), room };
}

function differs({ row }: ReportRow): string {
  return `Row ${row} of the manifest differs from the report: specify the stage's default region with --default-region`;
}

function invalidRow(
  { row, place, problems, written }: Extract<PlannedRow, { kind: 'invalid' }>,
  keyPrefix: string,
  defaultRegion: Region,
): Record<string, unknown> {
  const { key, ...given } = isRecord(written) ? written : { key: undefined, written };
  const value = { key: key ?? keyPrefix + row, ...given };
  const again = readRow({ row, value, problems: [], placeOf: (path) => path }, place, defaultRegion, RELEASES);
  const shown = again.kind === 'invalid' ? again.problems : [];
  // The reader of CSV appends the text of a cell that is not a number.
  const hidden = problems.filter(({ message }) => !shown.some((problem) => message.startsWith(problem.message)));
  return hidden.length === 0 ? value : { problems: hidden.map(problemText), ...value };
}
