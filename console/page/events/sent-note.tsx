import { useCallback, useEffect } from 'preact/hooks';
import type { SentAnswer } from '../../api/events.ts';
import { read } from '../call.ts';
import { durationText } from '../format.ts';
import { usePolled } from '../use-polled.ts';
import { moveProblemText } from './move-problem.ts';
import { movedDay } from './moved-day.ts';

const EVERY_MS = 1_000;
/** greenroom usually handles a message within seconds. */
const SLOW_MS = 30_000;

interface SentNoteProps {
  /** The number of the message in the address; '' if there is none. */
  number: string;
  /** The day that the page shows. */
  day: string;
  /** The address of an event on a day. */
  hrefOf(liveEventId: string, day: string): string;
  onOutcome(): void;
  onClose(): void;
}

/** The status of the message that was sent last. */
export function SentNote({ number, ...rest }: SentNoteProps) {
  return number === '' ? null : <Sent key={number} number={number} {...rest} />;
}

function Sent({ number, day, hrefOf, onOutcome, onClose }: SentNoteProps) {
  const readSent = useCallback((signal: AbortSignal) => read<SentAnswer>('events/sent', { number }, signal), [number]);
  const state = usePolled(readSent, EVERY_MS);
  const { answer, problem } = state;
  const kind = answer?.outcome?.kind;
  useEffect(() => {
    if (kind !== undefined) onOutcome();
  }, [kind]);
  const newDay = answer && movedDay(answer, day);
  const isBad = problem !== undefined || kind === 'refused';
  return (
    <div class={isBad ? 'trouble' : 'done'} role={isBad ? 'alert' : 'status'}>
      <p>{problem ?? (answer === undefined ? 'Sent.' : sentText(answer))}</p>
      {answer?.outcome?.kind === 'refused' && (
        <ul>
          {answer.outcome.problems.map((each) => (
            <li key={moveProblemText(each)}>{moveProblemText(each)}</li>
          ))}
        </ul>
      )}
      {answer && newDay !== undefined && (
        <p>
          <a href={hrefOf(answer.liveEventId, newDay)}>
            Show {answer.liveEventId} on {newDay}
          </a>
        </p>
      )}
      <button type="button" class="quiet" onClick={onClose}>
        Dismiss
      </button>
    </div>
  );
}

function sentText({ liveEventId, revision, what, sentAtMs, outcome }: SentAnswer): string {
  const name =
    what === 'move' ? `The move of ${liveEventId} (revision ${revision})` : `The cancellation of ${liveEventId}`;
  if (outcome === undefined) {
    const age = Date.now() - sentAtMs;
    const slow =
      age > SLOW_MS ? ` It was sent ${durationText(age)} ago: check whether greenroom is receiving messages.` : '';
    return `${name} is sent. greenroom has not handled it yet.${slow}`;
  }
  switch (outcome.kind) {
    case 'refused':
      return `${name} was refused. The event is unchanged:`;
    case 'replaced':
      return `${name} was replaced by a later change.`;
    default:
      return `${name} is accepted.`;
  }
}
