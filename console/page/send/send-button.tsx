import { useState } from 'preact/hooks';
import type { Lane } from '../../../lib/contract/lanes.ts';
import type { SendAnswer } from '../../api/requests.ts';
import { change } from '../call.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Failure } from '../parts/failure.tsx';
import { EXPECTED, REFUSALS } from '../requests/answers.ts';
import { useAction } from '../use-action.ts';
import type { Check } from './use-check.ts';

interface SendButtonProps {
  body: string;
  lane: Lane;
  check: Check;
  /** Whether the form itself found problems. */
  hasOwnProblems: boolean;
}

/** Sends the message if the service would accept it, and shows the result. */
export function SendButton({ body, lane, check: { answer, problem }, hasOwnProblems }: SendButtonProps) {
  const { isRunning, problem: failure, run } = useAction();
  const [isAsking, setAsking] = useState(false);
  const [result, setResult] = useState<{ body: string; answer: SendAnswer }>();
  const isReady = answer !== undefined && answer.kind !== 'refused' && !hasOwnProblems;
  const send = async () => setResult({ body, answer: await change<SendAnswer>('requests/send', { body, lane }) });
  const trouble = failure ?? problem;
  return (
    <>
      <p class="buttons">
        <button
          type="button"
          class="primary"
          disabled={!isReady || isRunning}
          onClick={() => (answer?.kind === 'release' ? setAsking(true) : run(send))}
        >
          {isRunning ? 'Sending…' : 'Send'}
        </button>
      </p>
      <Failure problem={trouble} />
      {isAsking && (
        <Confirm title="Send a release command?" confirm="Send" onConfirm={send} onClose={() => setAsking(false)}>
          <p>
            greenroom deletes the room of the key <strong>{answer?.idempotencyKey}</strong> at the time in the command,
            or now if the command contains no time. A deleted room cannot be restored.
          </p>
        </Confirm>
      )}
      {result?.body === body ? <Result result={result.answer} /> : isReady && <Expected answer={answer} />}
    </>
  );
}

/** What greenroom would do with a message that has no problems. */
function Expected({ answer: { kind, expected, unknownBecause } }: { answer: NonNullable<Check['answer']> }) {
  if (kind === 'release') return <p role="status">This is a release command: greenroom deletes the room of its key.</p>;
  if (expected === undefined)
    return (
      <p role="status">
        The ledger could not be read, so the console does not know whether the key is new: {unknownBecause}
      </p>
    );
  return (
    <p role="status" class={REFUSALS.includes(expected) ? 'trouble' : undefined}>
      {EXPECTED[expected]}
    </p>
  );
}

function Result({ result }: { result: SendAnswer }) {
  if (result.kind === 'refused')
    return (
      <p class="trouble" role="alert">
        The message was not sent: greenroom would refuse it.
      </p>
    );
  const { idempotencyKey, message } = result;
  const { lane, expected } = message;
  return (
    <p class="done" role="status">
      Sent to the {lane} lane. {expected && EXPECTED[expected]}{' '}
      <a href={`/requests?${new URLSearchParams({ key: idempotencyKey })}`}>Show the request</a>
    </p>
  );
}
