import { useState } from 'preact/hooks';
import type { EventDetail } from '../../../client/operate/live-event-detail.ts';
import type { Problem } from '../../../lib/contract/problems.ts';
import type { MoveAnswer } from '../../api/events.ts';
import { change } from '../call.ts';
import { Failure } from '../parts/failure.tsx';
import { Field } from '../parts/field.tsx';
import { useAction } from '../use-action.ts';
import { ConfirmMove } from './confirm-move.tsx';
import { localInput, TIME_ZONE } from './day.ts';

export type CheckedMove = Extract<MoveAnswer, { kind: 'checked' }>;

interface MoveEventProps {
  event: EventDetail;
  onSent(number: number): void;
}

/** A form with the new start and end. The move is checked first, and then sent after a confirmation. */
export function MoveEvent({ event, onSent }: MoveEventProps) {
  const { liveEventId, revision, startsAtMs = 0, endsAtMs } = event;
  const [start, setStart] = useState(localInput(startsAtMs));
  const [end, setEnd] = useState(endsAtMs === undefined ? undefined : localInput(endsAtMs));
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const [checked, setChecked] = useState<CheckedMove>();
  const { isRunning, problem, run } = useAction();
  const send = (isSent: boolean) =>
    change<MoveAnswer>('events/move', {
      ...{ liveEventId, revision, startsAtMs: msOf(start), send: isSent },
      ...(end !== undefined && { endsAtMs: msOf(end) }),
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
    if (endsAtMs !== undefined && value !== '') setEnd(localInput(msOf(value) + endsAtMs - startsAtMs));
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
      <Field label={`New start (${TIME_ZONE})`} problems={ofStart}>
        {(props) => (
          <input
            {...props}
            type="datetime-local"
            step="1"
            required
            value={start}
            onInput={({ currentTarget }) => moveStart(currentTarget.value)}
          />
        )}
      </Field>
      {end !== undefined && (
        <Field label="New end" problems={ofEnd}>
          {(props) => (
            <input
              {...props}
              type="datetime-local"
              step="1"
              required
              value={end}
              onInput={({ currentTarget }) => setEnd(currentTarget.value)}
            />
          )}
        </Field>
      )}
      <p class="buttons">
        <button type="submit" class="primary" disabled={isRunning}>
          {isRunning ? 'Checking…' : 'Check the move'}
        </button>
      </p>
      <Failure problem={problem} />
      {checked && (
        <ConfirmMove event={event} move={checked} onConfirm={confirm} onClose={() => setChecked(undefined)} />
      )}
    </form>
  );
}

const END_PATHS = ['endsAt', 'releaseAfter'];

function msOf(local: string): number {
  return new Date(local).getTime();
}
