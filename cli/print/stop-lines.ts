import type { BulkProgress } from '../../client/bulk-progress.ts';
import { printable } from '../../client/completion-line.ts';
import { roomsLeftText } from '../../client/describe/job-words.ts';
import type { Stop } from '../../client/operate/stop-job.ts';
import { typed } from '../../client/typed-command.ts';
import { jobName } from './job-line.ts';

/** Asks whether to stop a job. */
export function questionOf(progress: BulkProgress): string {
  return `Stop job ${jobName(progress)}? ${roomsLeftText(progress)} This cannot be undone.`;
}

/** The result of a stop, as lines for people. @param before the state of the job before it was stopped */
export function stoppedLines(before: BulkProgress, { stoppedAtMs, stoppedIn, missed, isReaderAwake }: Stop): string[] {
  const name = jobName(before);
  const when = stoppedAtMs === undefined ? '' : ` It was stopped on ${new Date(stoppedAtMs).toISOString()}.`;
  if (stoppedIn.length + missed.length === 0) return [`Job ${name} has already ended.${when} Nothing was changed.`];
  return [
    ...(before.stoppedAt === undefined
      ? [`Stopped job ${name}.`, roomsLeftText(before)]
      : [`Job ${name} is already stopped.${when}`]),
    ...(isReaderAwake ? [] : ['Its reader could not be notified, and continues within an hour.']),
  ];
}

/** What to do about regions in which the job could not be stopped. */
export function missedLines(jobId: string, { stoppedIn, missed }: Stop): string[] {
  if (missed.length === 0) return [];
  return [
    'The job could not be stopped in these regions. No further rows are sent, but',
    'rows that are already sent may still get rooms there:',
    ...missed.map(({ region, reason }) => printable(`  ${region}: ${reason}`)),
    stoppedIn.length === 0 ? 'It is not stopped in any region.' : 'It is stopped in these regions:',
    ...stoppedIn.map((region) => `  ${region}`),
    'Run the command again. It can be repeated safely:',
    `  ${typed(`bulk stop ${jobId} --yes`)}`,
  ];
}
