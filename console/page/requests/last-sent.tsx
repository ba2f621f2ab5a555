import type { PublishedEvent } from '../../api/published.ts';
import type { RequestView } from '../../api/requests.ts';
import { Time } from '../parts/time.tsx';
import { EXPECTED, REFUSALS } from './answers.ts';
import { Problems } from './problems.tsx';

/** The status of the newest message that was sent from this console. It differs from that of the ledger if another request has the key. */
export function LastSent({ view, events }: { view: RequestView; events: readonly PublishedEvent[] }) {
  const last = view.sent.at(-1);
  if (last === undefined) return null;
  const refusal = events.flatMap(({ event, receivedAtMs }) => {
    const isOther = receivedAtMs >= last.atMs && event.id !== view.completion?.id;
    return isOther && 'outcome' in event.data && event.data.outcome === 'failed' ? [event.data] : [];
  })[0];
  if (refusal !== undefined)
    return (
      <div class="trouble" role="alert">
        The message that was sent at <Time atMs={last.atMs} /> was refused: {refusal.reason}, {refusal.error.message}
        <Problems problems={refusal.problems ?? []} />
      </div>
    );
  const { expected } = last;
  const isRefused = expected !== undefined && REFUSALS.includes(expected);
  // Once a new request has its outcome, the expectation is no longer of interest.
  const isOver = view.completion !== undefined && expected !== 'replay' && !isRefused;
  return (
    <p class={isRefused ? 'trouble' : 'done'} role="status">
      Sent to the {last.lane} lane at <Time atMs={last.atMs} />. {expected && !isOver && EXPECTED[expected]}
    </p>
  );
}
