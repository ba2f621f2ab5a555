import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { ParkedMessageAnswer } from '../../api/parked.ts';
import { read } from '../call.ts';
import { bytesText, counted } from '../format.ts';
import type { Parked } from '../use-parked.ts';
import { Failure } from './failure.tsx';
import { Json } from './json.tsx';
import { ParkedActions } from './parked-actions.tsx';
import { Time } from './time.tsx';

/** Reads a whole message. @param readAtMs when the console found the message in the queue; undefined if it did not */
function useWholeMessage(id: string, readAtMs: number | undefined): { answer?: ParkedMessageAnswer; problem?: string } {
  const [state, setState] = useState<{ answer?: ParkedMessageAnswer; problem?: string }>({});
  useEffect(() => {
    if (readAtMs === undefined) return;
    const ended = new AbortController();
    read<ParkedMessageAnswer>('parked/message', { id }, ended.signal).then(
      (answer) => setState({ answer }),
      ({ message: problem }: Error) => {
        if (!ended.signal.aborted) setState((before) => ({ ...before, problem }));
      },
    );
    return () => ended.abort();
  }, [id, readAtMs]);
  return state;
}

/** One message: why it was parked, its whole note, and its body as text. */
export function ParkedMessage({ parked, id }: { parked: Parked; id: string }) {
  const { query } = useLocation();
  const { list } = parked;
  const line = list?.messages.find((each) => each.id === id);
  const { answer, problem } = useWholeMessage(id, line && list?.readAtMs);
  const heading = useRef<HTMLHeadingElement>(null);
  const { reason } = query;
  useEffect(() => heading.current?.focus(), [answer?.id]);
  return (
    <section aria-labelledby="message-title">
      <p>
        <a href={reason === undefined ? '/parked' : `/parked?${new URLSearchParams({ reason })}`}>Back to the list</a>
      </p>
      <h2 id="message-title" tabIndex={-1} ref={heading}>
        {answer?.idempotencyKey ?? (answer ? 'Message without a readable key' : 'Message')}{' '}
        <span class="mono faint">{id}</span>
      </h2>
      <Failure problem={problem} />
      {answer && line && <ParkedActions parked={parked} messages={[line]} name="this message" mayDiscard />}
      <div role="status">{line === undefined && <Gone parked={parked} idempotencyKey={answer?.idempotencyKey} />}</div>
      {answer && <Content answer={answer} />}
    </section>
  );
}

/** Explains why a message is not in the list. A message that is parked again has a new id, and usually the same key. */
function Gone({ parked: { state, list }, idempotencyKey }: { parked: Parked; idempotencyKey: string | undefined }) {
  if (list === undefined || state?.running?.kind === 'read') return null;
  const { unseenCount, messages } = list;
  const sameKey = messages.filter((each) => idempotencyKey !== undefined && each.idempotencyKey === idempotencyKey);
  return (
    <>
      <p>
        {unseenCount === 0
          ? 'This message is no longer in the queue: it was sent back, discarded, or parked again under a new id.'
          : `The console did not find this message when it last read the queue. It was sent back, discarded, or parked again under a new id, or it is one of about ${counted(unseenCount, 'message')} that the console did not see.`}{' '}
        <a href="/parked">Show all parked messages</a>
      </p>
      {sameKey.map(({ id, reason, parkedAtMs }) => (
        <p key={id}>
          Parked with the same key at <Time atMs={parkedAtMs} />:{' '}
          <a href={`/parked?${new URLSearchParams({ message: id })}`}>
            {reason} <span class="mono">{id.slice(0, 8)}</span>
          </a>
        </p>
      ))}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Content({ answer }: { answer: ParkedMessageAnswer }) {
  const { note, noteProblem, noteText, body } = answer.message;
  return (
    <>
      <dl class="facts">
        <Fact name="Reason">
          {answer.reason} <span class="faint">{note?.detail ?? answer.meaning}</span>
        </Fact>
        <Fact name="Parked">
          <Time atMs={answer.parkedAtMs} />
        </Fact>
        <Fact name="Tenant">{answer.tenant}</Fact>
        <Fact name="Size">{bytesText(answer.sizeBytes)}</Fact>
      </dl>
      <h3>Note</h3>
      {noteProblem && <p>{noteProblem}</p>}
      {note ? <Json value={note} label="Note" /> : noteText && <Json value={noteText} label="Note" />}
      <Body body={body} />
    </>
  );
}

/**
 * The body, indented if it is JSON. Indenting changes long numbers and hides repeated members, so the body can also be shown as it was
 * sent.
 */
function Body({ body }: { body: string }) {
  const [asSent, setAsSent] = useState(false);
  const value = jsonValue(body);
  const isJson = value !== undefined;
  return (
    <>
      <h3>Body</h3>
      {isJson && (
        <p>
          <button type="button" class="quiet" aria-pressed={asSent} onClick={() => setAsSent(!asSent)}>
            As it was sent
          </button>
        </p>
      )}
      <Json value={isJson && !asSent ? JSON.stringify(value, null, 2) : body} label="Body" />
    </>
  );
}

function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
