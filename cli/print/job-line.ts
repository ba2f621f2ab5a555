import type { BulkProgress } from '../../client/bulk-progress.ts';
import { printable } from '../../client/completion-line.ts';
import { jobState } from '../../client/describe/job-words.ts';
import { fitLine } from '../../client/fit-line.ts';
import type { JobId, ListedJob } from '../../client/operate/job-list.ts';

/** How many characters of an id are shown. Commands accept the first 4 or more if they are unique. */
const SHORT_ID_CHARACTERS = 8;

const WIDTHS = { rows: 5, done: 5, failed: 6, invalid: 7 };

export const JOBS_HEADER = columns(
  ['JOB', 'STATE', 'BEGAN (UTC)'],
  { rows: 'ROWS', done: 'DONE', failed: 'FAILED', invalid: 'INVALID' },
  'FILE',
);

/**
 * A job in one line. The rows that a stop has ended, and those that repeat others, are counted after the name of the file, because most jobs
 * have none.
 * @param width the width of the terminal; the name of the file is cut to fit. Undefined: it is not cut
 */
export function jobLine(job: ListedJob, width?: number): string {
  const { jobId, rows, provisioned, invalid, beganAtMs } = job;
  const failed = job.failed - job.stopped;
  const counts = {
    rows: String(rows ?? '-'),
    done: String(provisioned + failed),
    failed: String(failed),
    invalid: String(invalid ?? '-'),
  };
  const others = [
    ...(job.stopped > 0 ? [`${job.stopped} stopped`] : []),
    ...((job.repeated ?? 0) > 0 ? [`${job.repeated} repeated`] : []),
  ];
  const file = printable(job.file ?? job.manifest);
  const line = columns(
    [shortJobId(jobId), jobState(job), minuteOf(beganAtMs)],
    counts,
    others.length === 0 ? file : `${file} (${others.join(', ')})`,
  );
  return fitLine(line, width);
}

/** The line for a job that matches an ambiguous beginning of an id. @param idStart the beginning */
export function candidateLine({ jobId, beganAtMs }: JobId, idStart: string): string {
  return `  ${jobId.slice(0, idStart.length + SHORT_ID_CHARACTERS)}  began ${minuteOf(beganAtMs)} UTC`;
}

/** The job as JSON for programs. */
export function jobJson({ beganAtMs, problems, ...job }: ListedJob): object {
  return { ...job, state: jobState(job), beganAt: new Date(beganAtMs).toISOString(), problems };
}

/** A job as a question or a note names it: `5f0c6c2a (rooms.csv)`. */
export function jobName({ jobId, file }: Pick<BulkProgress, 'jobId' | 'file'>): string {
  return printable(`${shortJobId(jobId)}${file === undefined ? '' : ` (${file})`}`);
}

export function shortJobId(jobId: string): string {
  return jobId.slice(0, SHORT_ID_CHARACTERS);
}

function minuteOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}

function columns(
  [id = '', state = '', began = '']: string[],
  counts: Record<keyof typeof WIDTHS, string>,
  file: string,
): string {
  const { rows, done, failed, invalid } = counts;
  const numbers = [
    rows.padStart(WIDTHS.rows),
    done.padStart(WIDTHS.done),
    failed.padStart(WIDTHS.failed),
    invalid.padStart(WIDTHS.invalid),
  ].join(' ');
  return [id.padEnd(SHORT_ID_CHARACTERS), state.padEnd(7), began.padEnd(16), numbers, file].join('  ');
}
