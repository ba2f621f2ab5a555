import { useState } from 'preact/hooks';
import type { EventDetail } from '../../../client/operate/live-event-detail.ts';
import type { Problem } from '../../../lib/contract/problems.ts';
import type { MoveAnswer } from '../../api/events.ts';
import { change } from '../call.ts';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useAction } from '../use-action.ts';
import { ConfirmMove } from './confirm-move.tsx';
import { localInput, msOfInput, TIME_ZONE } from './day.ts';

export type CheckedMove = Extract<MoveAnswer, { kind: 'checked' }>;

interface MoveEventProps {
  event: EventDetail;
  onSent(number: number): void;
}

/** A form with the new start and end. The move is checked first, and then sent after a confirmation. */
export function MoveEvent({ event, onSent }: MoveEventProps) {
  const { liveEventId } = event;
  // The form begins with this revision, and moves no other.
  const [{ revision, startsAtMs = 0, endsAtMs }] = useState(event);
  const [start, setStart] = useState(localInput(startsAtMs));
  const [end, setEnd] = useState(endsAtMs === undefined ? undefined : localInput(endsAtMs));
  const [shiftedEndMs, setShiftedEndMs] = useState(endsAtMs);
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const [checked, setChecked] = useState<CheckedMove>();
  const { isRunning, problem, run } = useAction();
  const send = (isSent: boolean) =>
    change<MoveAnswer>('events/move', {
      ...{ liveEventId, revision, startsAtMs: msOfInput(start, [startsAtMs]), send: isSent },
      ...(end !== undefined && { endsAtMs: msOfInput(end, [shiftedEndMs, endsAtMs]) }),
    });
  const check = () =>
    run(async () => {
      const answer = await send(false);
      setProblems(answer.kind === 'invalid' ? answer.problems : []);
      if (answer.kind === 'checked') setChecked(answer);
    });
  const confirm = async () => {
    const answer = await send(true);
    if (answer.kind === 'sent') onSent(answer.number);
    else if (answer.kind === 'invalid') setProblems(answer.problems);
  };
  // The end moves with the start. It can be changed afterwards.
  const moveStart = (value: string) => {
    if (endsAtMs !== undefined && value !== '') {
      const shiftedMs = msOfInput(value, [startsAtMs]) + endsAtMs - startsAtMs;
      setShiftedEndMs(shiftedMs);
      setEnd(localInput(shiftedMs));
    }
    setStart(value);
  };
  const ofEnd = problems.filter(({ path }) => END_PATHS.includes(path));
  const ofStart = problems.filter((each) => !ofEnd.includes(each));
  return (
    <form
      class="controls"
      onSubmit={(submitted) => {
        submitted.preventDefault();
        void check();
      }}
    >
      <TimeField label={`New start (${TIME_ZONE})`} problems={ofStart} value={start} onChange={moveStart} />
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

const END_PATHS = ['endsAt', 'releaseAfter'];

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
