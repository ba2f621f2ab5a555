import { useCallback, useState } from 'preact/hooks';
import type { BulkProgress } from '../../../client/bulk-progress.ts';
import { problemText } from '../../../lib/contract/problem-text.ts';
import type { JobAnswer } from '../../api/imports.ts';
import { download, read } from '../call.ts';
import { countText } from '../format.ts';
import { Failure } from '../parts/failure.tsx';
import { useAction } from '../use-action.ts';
import { usePolled } from '../use-polled.ts';
import { Failures } from './failures.tsx';
import { JobProgress } from './job-progress.tsx';
import { JobState } from './job-state.tsx';
import { StopJob } from './stop-job.tsx';

const EVERY_MS = 2_000;

/** One job: its counts, its failures with their reasons, its files, and the button that stops it. */
export function JobDetail({ jobId, closeHref }: { jobId: string; closeHref: string }) {
  const readJob = useCallback((signal: AbortSignal) => read<JobAnswer>('job', { job: jobId }, signal), [jobId]);
  const { answer, problem, refresh } = usePolled(readJob, EVERY_MS);
  return (
    <section class="panel" aria-labelledby="job">
      <h2 id="job">
        {answer?.progress.file ?? 'Job'} <code>{jobId.slice(0, 8)}</code> {answer && <JobState job={answer.progress} />}
      </h2>
      <Failure problem={problem} />
      {answer && <Job answer={answer} onChange={refresh} />}
      <p>
        <a href={closeHref}>Close</a>
      </p>
    </section>
  );
}

function Job({ answer, onChange }: { answer: JobAnswer; onChange(): void }) {
  const { progress, rate, hasReport, canStop } = answer;
  return (
    <>
      <p>
        <JobProgress job={progress} rate={rate} />
      </p>
      <Counts progress={progress} />
      {progress.problems.length > 0 && <Refusal progress={progress} />}
      {hasReport && <Files progress={progress} />}
      {hasReport && <Failures jobId={progress.jobId} />}
      {(canStop || progress.stoppedAt !== undefined) && (
        <StopJob progress={progress} canStop={canStop} onStopped={onChange} />
      )}
    </>
  );
}

function Counts({ progress }: { progress: BulkProgress }) {
  const { rows, members, invalid, repeated, provisioned, existing, failed, stopped } = progress;
  const counts: [string, number | undefined][] = [
    ['Rows', rows],
    ['Requested rooms', members],
    ['New rooms', provisioned - existing],
    ['Rooms that existed before', existing],
    ['Failed rows', failed - stopped],
    ['Stopped rows', stopped],
    ['Invalid rows', invalid],
    ['Repeated rows', repeated],
  ];
  return (
    <dl class="details">
      {counts.map(([name, count]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{count === undefined ? '–' : countText(count)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Why the manifest was refused. */
function Refusal({ progress: { problems, problemsTotal } }: { progress: BulkProgress }) {
  const more = problemsTotal - problems.length;
  return (
    <div class="trouble">
      <p>The manifest was refused:</p>
      <ul>
        {problems.map((problem) => (
          <li key={problemText(problem)}>{problemText(problem)}</li>
        ))}
        {more > 0 && <li>and {countText(more)} more</li>}
      </ul>
    </div>
  );
}

function Files({ progress: { jobId, failed, invalid = 0 } }: { progress: BulkProgress }) {
  const { isRunning, problem, run } = useAction();
  const [saved, setSaved] = useState('');
  const short = jobId.slice(0, 8);
  const save = (path: string, name: string) =>
    run(async () => {
      await download(path, { job: jobId }, name);
      setSaved(name);
    });
  const repair = `repair-${short}.ndjson`;
  return (
    <>
      <p class="buttons">
        <button type="button" disabled={isRunning} onClick={() => save('job/report', `report-${short}.csv`)}>
          Download the report (CSV)
        </button>
        {failed + invalid > 0 && (
          <button type="button" disabled={isRunning} onClick={() => save('job/failed-rows', repair)}>
            Download the rows without a room
          </button>
        )}
      </p>
      <Failure problem={problem} />
      {saved !== '' && (
        <p class="done" role="status">
          {saved} is saved.
          {saved === repair &&
            ' Repair its rows, and upload it below. Every row has its key, so no room is created twice. Delete the members "problems" and "cells" of the rows that you have repaired.'}
        </p>
      )}
    </>
  );
}
