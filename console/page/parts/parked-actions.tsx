import { useState } from 'preact/hooks';
import type { ParkedLine } from '../../api/parked.ts';
import { counted, countText } from '../format.ts';
import type { Parked } from '../use-parked.ts';
import { Confirm } from './confirm.tsx';

interface ParkedActionsProps {
  parked: Parked;
  /** The messages on which the buttons act. */
  messages: readonly ParkedLine[];
  /** A name for these messages in the texts of the buttons. */
  name: string;
  /** Whether discarding is offered: only for messages that a person has selected. */
  mayDiscard: boolean;
}

/** The buttons that send messages back or discard them. Both ask first. */
export function ParkedActions({ parked, messages, name, mayDiscard }: ParkedActionsProps) {
  // The list may change while the question is open. The answer applies to the messages that the question named.
  const [asking, setAsking] = useState<{ what: 'redrive' | 'discard'; messages: readonly ParkedLine[] }>();
  const isBusy = parked.state?.running !== undefined;
  const sendable = messages.filter(({ redrive }) => redrive.kind === 'possible');
  const kept = messages.filter(({ keptBecause }) => keptBecause !== undefined);
  const close = () => setAsking(undefined);
  return (
    <>
      <p class="buttons">
        <button
          type="button"
          class={sendable.some(canChange) ? 'primary' : undefined}
          disabled={isBusy || sendable.length === 0}
          onClick={() => setAsking({ what: 'redrive', messages: sendable })}
        >
          Send back {name}
        </button>
        {mayDiscard && (
          <button
            type="button"
            class="danger"
            disabled={isBusy || kept.length > 0}
            aria-describedby="parked-limits"
            onClick={() => setAsking({ what: 'discard', messages })}
          >
            Discard {name}
          </button>
        )}
      </p>
      <Limits messages={messages} kept={mayDiscard ? kept : []} />
      {asking?.what === 'redrive' && <Redrive {...{ parked, messages: asking.messages, onClose: close }} />}
      {asking?.what === 'discard' && <Discard {...{ parked, messages: asking.messages, onClose: close }} />}
    </>
  );
}

/** Whether a message may have another outcome if it is sent back. An unparseable message cannot, because its body stays the same. */
function canChange({ reason }: ParkedLine): boolean {
  return reason !== 'unparseable';
}

/** Warns about messages that will be parked again. */
function ParkedAgain({ messages }: Pick<ParkedActionsProps, 'messages'>) {
  const count = messages.filter((each) => !canChange(each)).length;
  if (count === 0) return null;
  if (messages.length === 1)
    return <p>It will be parked again, because its body does not change: it was parked as unparseable.</p>;
  return (
    <p>
      {count === messages.length ? 'They' : `${countText(count)} of them`} will be parked again, because their bodies do
      not change: they were parked as unparseable.
    </p>
  );
}

interface QuestionProps extends Pick<ParkedActionsProps, 'parked' | 'messages'> {
  onClose(): void;
}

function Discard({ parked, messages, onClose }: QuestionProps) {
  const what = `Discard ${counted(messages.length, 'message')}`;
  const discard = () => parked.begin('discard', { ids: messages.map(({ id }) => id) });
  return (
    <Confirm title={`${what}?`} confirm={what} onConfirm={discard} onClose={onClose}>
      <p>
        greenroom deletes {messages.length === 1 ? 'it' : 'them'}. This cannot be undone. Until this console ends, you
        can save a copy.
      </p>
    </Confirm>
  );
}

/** Why some of the messages cannot be sent back, or may not be discarded. */
function Limits({ messages, kept }: { messages: readonly ParkedLine[]; kept: readonly ParkedLine[] }) {
  const problems = new Map<string, number>();
  for (const { redrive } of messages)
    if (redrive.kind === 'impossible') problems.set(redrive.problem, (problems.get(redrive.problem) ?? 0) + 1);
  return (
    <div id="parked-limits">
      {[...problems].map(([problem, count]) => (
        <p key={problem}>
          {counted(count, 'message')} cannot be sent back: {problem}.
        </p>
      ))}
      {kept.length > 0 && (
        <p>
          {counted(kept.length, 'message')} may not be discarded, because {kept.length === 1 ? 'it' : 'they'} may have
          no outcome yet ({[...new Set(kept.map(({ reason }) => reason))].join(', ')}). Send{' '}
          {kept.length === 1 ? 'it' : 'them'} back.
        </p>
      )}
    </div>
  );
}

function Redrive({ parked, messages, onClose }: QuestionProps) {
  const [time, setTime] = useState('');
  const count = counted(messages.length, 'message');
  const lacking = messages.filter(({ redrive }) => redrive.kind === 'possible' && redrive.lacksAttributes).length;
  const lanes = new Set(messages.flatMap(({ redrive }) => (redrive.kind === 'possible' ? [redrive.lane] : [])));
  const send = () => {
    const neededBy = time === '' ? undefined : new Date(time).toISOString();
    return parked.begin('redrive', { ids: messages.map(({ id }) => id), ...(neededBy !== undefined && { neededBy }) });
  };
  return (
    <Confirm title={`Send ${count} back?`} confirm={`Send ${count} back`} onConfirm={send} onClose={onClose}>
      <p>
        {messages.length === 1 ? 'It returns' : 'They return'} to: {[...lanes].join(', ')}. Each request counts as a new
        one, so it may claim a failed key again. This cannot be undone.
      </p>
      <ParkedAgain messages={messages} />
      {lacking > 0 && (
        <p>
          {counted(lacking, 'message')} will be sent back without message attributes, which did not fit into the note.
        </p>
      )}
      <label for="needed-by">Needed by (optional, in your time zone)</label>
      <input
        id="needed-by"
        type="datetime-local"
        aria-describedby="needed-by-hint"
        value={time}
        onInput={({ currentTarget }) => setTime(currentTarget.value)}
      />
      <p id="needed-by-hint" class="faint">
        Replaces each request's own neededBy. It can be at most 7 days from now. If you leave it empty, a request whose
        own neededBy has passed fails as expired.
      </p>
    </Confirm>
  );
}
