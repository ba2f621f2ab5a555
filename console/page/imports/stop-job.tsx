import { useState } from 'preact/hooks';
import type { BulkProgress } from '../../../client/bulk-progress.ts';
import { roomsLeftText } from '../../../client/describe/job-words.ts';
import type { StopAnswer } from '../../api/imports.ts';
import { change } from '../call.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Time } from '../parts/time.tsx';

interface StopJobProps {
  progress: BulkProgress;
  canStop: boolean;
  onStopped(): void;
}

/** The button that stops a job after a confirmation, and the regions in which the stop could not be written. */
export function StopJob({ progress, canStop, onStopped }: StopJobProps) {
  const [isAsking, setAsking] = useState(false);
  const [stopped, setStopped] = useState<StopAnswer>();
  const { jobId, file, stoppedAt } = progress;
  const stop = async () => {
    setStopped(await change<StopAnswer>('job/stop', { job: jobId }));
    onStopped();
  };
  const hasMissed = stopped !== undefined && stopped.missed.length > 0;
  return (
    <>
      {stoppedAt !== undefined && (
        <p role="status">
          Stopped at <Time atMs={Date.parse(stoppedAt)} />. Rows without a room fail with the reason "stopped".
          {stopped?.isReaderAwake === false && ' Its reader could not be notified, and continues within an hour.'}
        </p>
      )}
      {hasMissed && <Missed stopped={stopped} />}
      {(canStop || hasMissed) && (
        <button type="button" class="danger" onClick={() => setAsking(true)}>
          {hasMissed ? 'Stop the job again…' : 'Stop the job…'}
        </button>
      )}
      {isAsking && (
        <Confirm
          title={`Stop ${file ?? jobId.slice(0, 8)}?`}
          confirm="Stop the job"
          dismiss="Let it continue"
          onConfirm={stop}
          onClose={() => setAsking(false)}
        >
          <p>{roomsLeftText(progress)} greenroom creates no more rooms for the job, and ends it with its report.</p>
          <p>
            Existing rooms are not deleted. A stop cannot be undone. To request the other rooms later, upload the file
            again: rows that have a room keep it.
          </p>
        </Confirm>
      )}
    </>
  );
}

function Missed({ stopped: { missed } }: { stopped: StopAnswer }) {
  return (
    <div class="trouble" role="alert">
      <p>
        The job could not be stopped in these regions. No further rows are sent, but rows that were already sent may
        still get rooms there. Stop the job again. This is safe:
      </p>
      <ul>
        {missed.map(({ region, reason }) => (
          <li key={region}>
            {region}: {reason}
          </li>
        ))}
      </ul>
    </div>
  );
}
