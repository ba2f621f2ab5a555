import { markFormulas } from '../contract/csv-formulas.ts';
import { problemText } from '../contract/problem-text.ts';
import type { RosterMember, RosterRow } from './roster-item.ts';

/** One line of a report: a row of the manifest and its outcome. */
export interface ReportLine {
  row: number;
  key: string;
  /** `invalid`: the row violates the contract, and nothing was requested. */
  outcome: 'created' | 'adopted' | 'failed' | 'invalid';
  reason: string;
  arn: string;
  id: string;
  name: string;
  region: string;
}

const COLUMNS = ['row', 'key', 'outcome', 'reason', 'arn', 'id', 'name', 'region'] as const;

export const CSV_HEADER = csv(COLUMNS);

/** The line of a row that requests a room. `row`: its own number, which differs from the member's if the row repeats an earlier one. */
export function memberLine(row: number, member: RosterMember): ReportLine {
  const { idempotency_key: key, region, room_name: name = '', outcome, reason, error } = member;
  // A report is written only when all members are counted.
  if (outcome === undefined) throw new Error(`The member ${member.ledger_key} has no outcome`);
  return {
    row,
    key,
    outcome,
    reason: reason === undefined ? '' : `${reason}: ${error ?? ''}`,
    arn: member.room_arn ?? '',
    id: member.room_id ?? '',
    name,
    region,
  };
}

export function invalidLine({ row, problems = [], problems_total: total = problems.length }: RosterRow): ReportLine {
  const named = problems.map(problemText);
  const more = total > problems.length ? [`and ${total - problems.length} more`] : [];
  return {
    row,
    key: '',
    outcome: 'invalid',
    reason: [...named, ...more].join('; '),
    arn: '',
    id: '',
    name: '',
    region: '',
  };
}

/** Formulas are marked, so that no spreadsheet executes a key that a sender has chosen. When a manifest is read, the mark is removed. */
export function csvLine(line: ReportLine): string {
  return csv(COLUMNS.map((column) => line[column]));
}

/** Empty fields are left out. Programs read these lines, so the values are exact. */
export function ndjsonLine(line: ReportLine): string {
  const given = Object.entries(line).filter(([, value]) => value !== '');
  return `${JSON.stringify(Object.fromEntries(given))}\n`;
}

/** RFC 4180: lines end with CRLF. A cell with a quote, a comma or a line break is quoted. */
function csv(cells: readonly (string | number)[]): string {
  const quoted = cells.map((cell) => {
    const text = markFormulas(String(cell));
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${quoted.join(',')}\r\n`;
}
