import { useCallback, useState } from 'preact/hooks';
import type { CheckAnswer, RequestView, SendAnswer } from '../../api/requests.ts';
import { change } from '../call.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Json } from '../parts/json.tsx';
import { useRead } from '../use-read.ts';
import { EXPECTED } from './answers.ts';
import { Problems } from './problems.tsx';

/** Sends the request of a key again, if the console knows the message. Otherwise the form begins with what is known. */
export function SendAgain({ view, onSent }: { view: RequestView; onSent(): void }) {
  const [isAsking, setAsking] = useState(false);
  const { sendAgain } = view;
  if (sendAgain.kind === 'none')
    return (
      <button type="button" disabled title={sendAgain.reason}>
        Send again
      </button>
    );
  if (sendAgain.kind === 'form') {
    if (isBeingHandled(view)) return null;
    return (
      <a class="button" href={`/send?${new URLSearchParams(formFields(sendAgain.fields))}`}>
        {view.state === 'unknown' ? 'Write a request with this key' : 'Write the request again'}
      </a>
    );
  }
  return (
    <>
      <button type="button" onClick={() => setAsking(true)}>
        Send again
      </button>
      {isAsking && <Ask message={sendAgain} onSent={onSent} onClose={() => setAsking(false)} />}
    </>
  );
}

/** What "Send again" can and cannot do for this request. */
export function SendAgainNote({ view }: { view: RequestView }) {
  const { sendAgain, state } = view;
  if (sendAgain.kind === 'none') return <p class="faint">Send again: {sendAgain.reason}</p>;
  if (sendAgain.kind === 'message' || state === 'unknown' || isBeingHandled(view)) return null;
  return (
    <p class="faint">
      greenroom stores no requests, and this one was not sent from this console. Write it again here, or send it again
      from the system that sent it.
    </p>
  );
}

/** greenroom has the request, so there is no reason to write it again. */
function isBeingHandled({ state }: RequestView): boolean {
  return state === 'in-progress' || state === 'decided';
}

function formFields({ idempotencyKey, region, tenant }: { idempotencyKey: string; region?: string; tenant?: string }) {
  return {
    key: idempotencyKey,
    ...(region !== undefined && { region }),
    ...(tenant !== undefined && { tenant }),
  };
}

const FROM = {
  sent: 'This is the message that this console sent last for the key.',
  rebuilt:
    'greenroom stores no requests. This message is rebuilt from the completion, and the hash in the ledger confirms that it asks for the same room. Its correlation id, metadata and times are not known.',
};

interface AskProps {
  message: Extract<RequestView['sendAgain'], { kind: 'message' }>;
  onSent(): void;
  onClose(): void;
}

function Ask({ message, onSent, onClose }: AskProps) {
  // Another tab may send another message with this key while the question is open.
  const [{ body, lane, from }] = useState(message);
  const { answer, problem } = useRead(useCallback(() => change<CheckAnswer>('requests/check', { body }), [body]));
  const send = async () => {
    const result = await change<SendAnswer>('requests/send', { body, lane });
    if (result.kind === 'refused') throw new Error('greenroom would refuse the message. It was not sent.');
    onSent();
  };
  return (
    <Confirm title="Send the request again?" confirm={`Send to the ${lane} lane`} onConfirm={send} onClose={onClose}>
      <p>{FROM[from]}</p>
      {answer?.expected && <p>{EXPECTED[answer.expected]}</p>}
      {answer && <Problems problems={answer.problems} />}
      {problem && <p class="trouble">{problem}</p>}
      {statesRelease(body) && (
        <p>
          The message contains a release time. This counts as a new decision, which replaces any decision that was made
          after the original message.
        </p>
      )}
      <Json value={body} label="the message" />
    </Confirm>
  );
}

/** Whether a message contains a release time. If it does, sending it again counts as a new decision about the release. */
function statesRelease(body: string): boolean {
  return body.includes('"releaseAt"');
}
