import type { BulkProgress } from '../../../client/bulk-progress.ts';
import { jobState } from '../../../client/describe/job-words.ts';

/** The state of a job as a word. A job that has ended is marked as good if every row has a room. */
export function JobState({ job }: { job: BulkProgress }) {
  const word = jobState(job);
  const { state, failed, invalid = 0 } = job;
  const hasAll = state === 'announced' && failed === 0 && invalid === 0;
  const look = word === 'refused' ? 'bad' : word === 'stopped' || (word === 'ended' && !hasAll) ? 'warn' : '';
  return <span class={`tag ${hasAll ? 'good' : look}`}>{word}</span>;
}
