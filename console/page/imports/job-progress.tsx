import type { BulkProgress } from '../../../client/bulk-progress.ts';
import { figuresOf } from '../../../client/describe/job-words.ts';
import { countText, durationText, rateText } from '../format.ts';

/** The progress of a job as a bar and in words, with the rate and the remaining time. */
export function JobProgress({ job, rate }: { job: BulkProgress; rate: number | undefined }) {
  const { state, members, read, rows, jobId } = job;
  if (state === 'waiting') return <span>waiting for the manifest to be read</span>;
  if (state === 'refused') return <span>the manifest was refused</span>;
  if (members === undefined) return <span>checking the manifest</span>;
  const { done, left, seconds } = figuresOf(job, members, rate);
  const rest = [
    ...(job.stopped > 0 ? [`${countText(job.stopped)} stopped`] : []),
    ...(rate === undefined ? [] : [`${rateText(rate)} a second`]),
    ...(left > 0 ? [`about ${durationText(seconds * 1000)} left`] : []),
    ...(left === 0 && state !== 'announced' ? ['writing the report'] : []),
    ...(state === 'open' ? [`${countText(read)} of ${countText(rows ?? 0)} rows requested`] : []),
  ];
  return (
    <span class="job-progress">
      <progress
        max={Math.max(1, members)}
        value={members === 0 ? 1 : done + job.stopped}
        aria-label={jobId.slice(0, 8)}
      />
      <span>
        {countText(done)} of {countText(members)} done{rest.length > 0 && `, ${rest.join(', ')}`}
      </span>
    </span>
  );
}
