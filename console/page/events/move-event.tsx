import { useState } from 'preact/hooks';
import type { EventDetail } from '../../../client/operate/live-event-detail.ts';
import type { Problem } from '../../../lib/contract/problems.ts';
import type { MoveAnswer } from '../../api/events.ts';
import { change } from '../call.ts';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useAction } from '../use-action.ts';
import { type CheckedMove, ConfirmMove } from './confirm-move.tsx';
import { TIME_ZONE } from './day.ts';
import { moveProblems } from './move-problem.ts';
import { useMoveTimes } from './use-move-times.ts';

interface MoveEventProps {
  event: EventDetail;
  onSent(number: number): void;
}

/** A form with the new start and end. The move is checked first, and then sent after a confirmation. */
export function MoveEvent({ event, onSent }: MoveEventProps) {
  const { revision, times, problems, checked, setChecked, isRunning, problem, check, confirm } = useMove(event, onSent);
  const { ofStart, ofEnd } = moveProblems(problems);
  const { start, end, setStart, setEnd } = times;
  return (
    <form
      class="controls move"
      onSubmit={(submitted) => {
        submitted.preventDefault();
        void check();
      }}
    >
      <TimeField label={`New start (${TIME_ZONE})`} problems={ofStart} value={start} onChange={setStart} />
      {end !== undefined && <TimeField label="New end" problems={ofEnd} value={end} onChange={setEnd} />}
      <p class="buttons">
        <button type="submit" class="primary" disabled={isRunning}>
          {isRunning ? 'Checking…' : 'Check the move'}
        </button>
      </p>
      <Failure
        problem={
          event.revision === revision
            ? problem
            : 'The event has changed since you opened this form. Close it and open it again.'
        }
      />
      {checked && (
        <ConfirmMove event={event} move={checked} onConfirm={confirm} onClose={() => setChecked(undefined)} />
      )}
    </form>
  );
}

/** The times of the form, and the two steps of a move: the check and the sending. */
function useMove(event: EventDetail, onSent: (number: number) => void) {
  const { liveEventId } = event;
  // The form moves only the revision that it was opened with.
  const [{ revision, startsAtMs = 0, endsAtMs }] = useState(event);
  const times = useMoveTimes(startsAtMs, endsAtMs);
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const [checked, setChecked] = useState<CheckedMove>();
  const action = useAction();
  const send = (isSent: boolean) =>
    change<MoveAnswer>('events/move', { liveEventId, revision, ...times.read(), send: isSent });
  const check = () =>
    action.run(async () => {
      const answer = await send(false);
      setProblems(answer.kind === 'invalid' ? answer.problems : []);
      if (answer.kind === 'checked') setChecked(answer);
    });
  const confirm = async () => {
    const answer = await send(true);
    if (answer.kind === 'sent') onSent(answer.number);
    else if (answer.kind === 'invalid') setProblems(answer.problems);
  };
  return { ...action, revision, times, problems, checked, setChecked, check, confirm };
}

interface TimeFieldProps {
  label: string;
  problems: readonly Problem[];
  /** In the time zone of the browser, as `2026-12-18T20:00:00`. */
  value: string;
  onChange(value: string): void;
}

function TimeField({ label, problems, value, onChange }: TimeFieldProps) {
  return (
    <Field label={label} problems={problems}>
      {(props) => (
        <input
          {...props}
          type="datetime-local"
          step="1"
          required
          value={value}
          onInput={({ currentTarget }) => onChange(currentTarget.value)}
        />
      )}
    </Field>
  );
}
