import { printable } from '../../client/completion-line.ts';
import type { BulkPlan } from '../../client/operate/plan-bulk.ts';
import { counted, durationText } from './bulk-lines.ts';

const MAX_ROWS_SHOWN = 10;

/** What a manifest would do, as lines for people. @param rate the rooms per second and region that the plan assumes */
export function planLines(rows: number, plan: BulkPlan, rate: number): string[] {
  const { toMake, existing, seconds } = plan;
  const total = Object.values(toMake).reduce((sum, count) => sum + count, 0);
  const where = Object.entries(toMake).map(([region, count]) => `${count} in ${region}`);
  return [
    `Nothing was uploaded. The ${counted(rows, 'row')} would`,
    `  create ${counted(total, 'room')}${where.length > 0 ? `: ${where.join(', ')}` : ''}`,
    `  find ${counted(existing, 'existing room')}`,
    ...reusedLines(plan),
    ...(total > 0
      ? [
          `  take about ${durationText(seconds)}, at ${counted(rate, 'room')} a second in each region, if nothing else uses the quota`,
        ]
      : []),
  ];
}

/** The rows whose key is in use for another room. */
function reusedLines({ reused, reusedRows }: BulkPlan): string[] {
  if (reused === 0) return [];
  const shown = reusedRows.slice(0, MAX_ROWS_SHOWN);
  const hidden = reused - shown.length;
  return [
    `  fail for ${counted(reused, 'key')} already used for another room:`,
    ...shown.map(({ row, idempotencyKey }) => printable(`    row ${row}: ${idempotencyKey}`)),
    ...(hidden > 0 ? [`    … and ${counted(hidden, 'more row')}`] : []),
  ];
}
