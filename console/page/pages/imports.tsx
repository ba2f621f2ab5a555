import { Failure } from '../parts/failure.tsx';
import '../imports/imports.css';
import { useCallback } from 'preact/hooks';
import type { JobsAnswer } from '../../api/imports.ts';
import { read } from '../call.ts';
import { JobDetail } from '../imports/job-detail.tsx';
import { JobTable } from '../imports/job-table.tsx';
import { Upload } from '../imports/upload.tsx';
import { useAddress } from '../use-address.ts';
import { usePolled } from '../use-polled.ts';

const EVERY_MS = 4_000;
const JOBS_AT_A_TIME = 50;
const MAX_JOBS = 10_000;

/** The bulk jobs, one job in detail, and the upload of a manifest. */
export function ImportsPage() {
  const address = useAddress();
  const wanted = Number(address.get('count'));
  const count = Number.isInteger(wanted) && wanted > 0 ? Math.min(wanted, MAX_JOBS) : JOBS_AT_A_TIME;
  const readJobs = useCallback((signal: AbortSignal) => read<JobsAnswer>('jobs', { count }, signal), [count]);
  const { answer, problem, refresh } = usePolled(readJobs, EVERY_MS);
  const selected = address.get('job');
  const open = (job: string) => {
    refresh();
    address.change({ job });
  };
  return (
    <section>
      <h1>Imports</h1>
      <Failure problem={problem} />
      {selected !== '' && <JobDetail key={selected} jobId={selected} closeHref={address.with({ job: '' })} />}
      <Upload onUploaded={open} />
      <h2>Jobs</h2>
      {answer && <JobTable jobs={answer.jobs} selected={selected} hrefOf={(job) => address.with({ job })} />}
      {answer === undefined && problem === undefined && <p role="status">Reading the jobs…</p>}
      {answer?.hasMore && (
        <button type="button" onClick={() => address.change({ count: String(count + JOBS_AT_A_TIME) }, false)}>
          Load {JOBS_AT_A_TIME} more
        </button>
      )}
    </section>
  );
}
