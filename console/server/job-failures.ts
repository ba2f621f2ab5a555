import { type ReportRow, rowsWithoutRoom } from '../../client/bulk-report.ts';
import type { Deployment } from '../../client/deployment.ts';
import { openJobManifest } from '../../client/operate/job-manifest.ts';
import { repairRows } from '../../client/operate/repair-rows.ts';
import type { FailureGroup, FailuresAnswer } from '../api/imports.ts';

const MAX_EXAMPLES = 3;

/** The rows of a job that have no room, by reason. @throws UserError if the job has no report */
export async function readFailures(
  deployment: Deployment,
  jobId: string,
  signal: AbortSignal,
): Promise<FailuresAnswer> {
  const groups = new Map<string, FailureGroup>();
  let rows = 0;
  for await (const row of rowsWithoutRoom(deployment, jobId, signal)) {
    rows += 1;
    const reason = reasonOf(row);
    const group = groups.get(reason) ?? { reason, rows: 0, examples: [] };
    groups.set(reason, group);
    group.rows += 1;
    if (group.examples.length < MAX_EXAMPLES) group.examples.push(exampleOf(row));
  }
  return { rows, groups: [...groups.values()].sort((a, b) => b.rows - a.rows) };
}

/** The reason in a failed row begins with the reason in its completion. */
function reasonOf({ outcome, reason = '' }: ReportRow): string {
  return outcome === 'invalid' ? outcome : (/^([a-z-]+): /.exec(reason)?.[1] ?? outcome);
}

function exampleOf({ row, key, reason = '' }: ReportRow): FailureGroup['examples'][number] {
  return { row, ...(key !== undefined && { key }), text: reason };
}

/**
 * The rows of a job that have no room, as an NDJSON manifest that requests them again. The answer begins only when the whole text is
 * complete, so an error cannot result in a shorter file.
 * @throws UserError if the manifest has been deleted or changed
 */
export async function repairManifest(deployment: Deployment, jobId: string, signal: AbortSignal): Promise<string> {
  const manifest = await openJobManifest(deployment, jobId, signal);
  const job = { jobId, defaultRegion: deployment.defaultRegion() };
  const lines: string[] = [];
  for await (const { value } of repairRows(rowsWithoutRoom(deployment, jobId, signal), manifest, job))
    lines.push(`${JSON.stringify(value)}\n`);
  return lines.join('');
}
