import { openObject } from './object-writer.ts';
import { CSV_HEADER, csvLine, invalidLine, memberLine, ndjsonLine, type ReportLine } from './report-line.ts';
import type { RosterMember, RosterMeta, RosterRow } from './roster-item.ts';
import { membersByKey, readRows } from './roster-members.ts';
import type { TrackingServices } from './tracking-services.ts';

type BulkMeta = Extract<RosterMeta, { kind: 'bulk' }>;

/**
 * Rows are not stored in order, so they are sorted in memory, this many at a time. Each batch needs a query of all items of
 * the roster.
 */
const ROWS_AT_A_TIME = 10_000;

/** The keys of a bulk job's reports. They are outside `manifests/`, so that no report is read as a manifest. */
export function reportKeys(rosterId: string) {
  return { csv: `reports/${rosterId}.csv`, ndjson: `reports/${rosterId}.ndjson` };
}

export function reportAddresses(rosterId: string, bucket: string): { csv: string; ndjson: string } {
  const keys = reportKeys(rosterId);
  return { csv: `s3://${bucket}/${keys.csv}`, ndjson: `s3://${bucket}/${keys.ndjson}` };
}

/** Writes the outcome of every row of a bulk job, in the order of the rows, as CSV and as NDJSON. Repeating it writes the same report. */
export async function writeReport(roster: BulkMeta, services: TrackingServices, signal: AbortSignal): Promise<void> {
  const { config, clients } = services;
  const keys = reportKeys(roster.roster_id);
  const open = (Key: string, ContentType: string) =>
    openObject(clients.s3, { Bucket: config.manifestBucket, Key, ContentType });
  const files = {
    csv: open(keys.csv, 'text/csv; charset=utf-8'),
    ndjson: open(keys.ndjson, 'application/x-ndjson'),
  };
  try {
    await files.csv.write(CSV_HEADER);
    for (let first = 1; first <= roster.rows; first += ROWS_AT_A_TIME) {
      signal.throwIfAborted();
      const lines = await readLines(roster.roster_id, first, first + ROWS_AT_A_TIME - 1, services, signal);
      await files.csv.write(lines.map(csvLine).join(''));
      await files.ndjson.write(lines.map(ndjsonLine).join(''));
    }
    await Promise.all([files.csv.end(), files.ndjson.end()]);
  } catch (error) {
    await Promise.allSettled([files.csv.abort(), files.ndjson.abort()]);
    throw error;
  }
}

async function readLines(
  rosterId: string,
  from: number,
  to: number,
  services: TrackingServices,
  signal: AbortSignal,
): Promise<ReportLine[]> {
  const { rosters } = services;
  const lines: ReportLine[] = [];
  const repeating: { row: RosterRow; ledgerKey: string }[] = [];
  for await (const item of readRows(rosters, rosterId, from, to)) {
    if (isMember(item)) lines.push(memberLine(item.row ?? 0, item));
    else if (item.repeats === undefined) lines.push(invalidLine(item));
    else repeating.push({ row: item, ledgerKey: item.repeats });
  }
  const ledgerKeys = [...new Set(repeating.map(({ ledgerKey }) => ledgerKey))];
  const repeated = await membersByKey(rosters, rosterId, ledgerKeys, { ...services, signal });
  const members = new Map(repeated.map((member) => [member.ledger_key, member]));
  for (const { row, ledgerKey } of repeating) {
    const member = members.get(ledgerKey);
    if (member) lines.push(memberLine(row.row, member));
  }
  return lines.sort((one, other) => one.row - other.row);
}

function isMember(item: RosterMember | RosterRow): item is RosterMember {
  return 'ledger_key' in item;
}
