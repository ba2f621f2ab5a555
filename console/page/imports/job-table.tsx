import type { ListedJobView } from '../../api/imports.ts';
import { countText } from '../format.ts';
import { Time } from '../parts/time.tsx';
import { JobProgress } from './job-progress.tsx';
import { JobState } from './job-state.tsx';

interface JobTableProps {
  jobs: readonly ListedJobView[];
  selected: string;
  hrefOf(jobId: string): string;
}

/** The jobs, newest first. */
export function JobTable({ jobs, selected, hrefOf }: JobTableProps) {
  if (jobs.length === 0) return <p class="faint">No job has begun in this stage.</p>;
  return (
    <section class="scroll" tabIndex={0} aria-label="Jobs">
      <table class="jobs">
        <caption class="unseen">Jobs, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">State</th>
            <th scope="col">Began</th>
            <th scope="col">Progress</th>
            <th scope="col" class="number">
              Failed
            </th>
            <th scope="col" class="number">
              Invalid
            </th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <tr key={job.jobId} class={job.jobId === selected ? 'selected' : ''}>
              <th scope="row">
                <a href={hrefOf(job.jobId)} aria-current={job.jobId === selected ? 'true' : undefined}>
                  {job.file ?? job.jobId.slice(0, 8)}
                </a>{' '}
                <code>{job.jobId.slice(0, 8)}</code>
              </th>
              <td>
                <JobState job={job} />
              </td>
              <td>
                <Time atMs={job.beganAtMs} />
              </td>
              <td>
                <JobProgress job={job} rate={job.rate} />
              </td>
              <td class="number">{countText(job.failed - job.stopped)}</td>
              <td class="number">{job.invalid === undefined ? '–' : countText(job.invalid)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
