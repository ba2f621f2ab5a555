import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { useLive } from '../live.tsx';
import { ParkedActions } from '../parts/parked-actions.tsx';
import { ParkedMessage } from '../parts/parked-message.tsx';
import { ParkedReading } from '../parts/parked-reading.tsx';
import { ParkedTable } from '../parts/parked-table.tsx';
import { type Parked, useParked } from '../use-parked.ts';

/** The messages that wait for a person: why, what they contain, and what can be done with them. */
export function ParkedPage() {
  const { query } = useLocation();
  const parked = useParked();
  return (
    <>
      <h1>Parked</h1>
      <ParkedReading
        parked={parked}
        depth={useDepth(Math.max(parked.list?.readAtMs ?? 0, parked.state?.last?.endedAtMs ?? 0))}
      />
      {query.message === undefined ? (
        <Messages parked={parked} reason={query.reason} />
      ) : (
        <ParkedMessage parked={parked} id={query.message} key={query.message} />
      )}
    </>
  );
}

/** The approximate number of messages in the queue, if they were counted after `sinceMs`. Counting hides no messages. */
function useDepth(sinceMs: number): number | undefined {
  const { answer } = useLive().now;
  const queue = answer?.queues.find(({ queue: name }) => name === 'parked');
  return answer !== undefined && answer.atMs > sinceMs && queue ? queue.visible + queue.inFlight : undefined;
}

function Messages({ parked, reason }: { parked: Parked; reason: string | undefined }) {
  const { route } = useLocation();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  if (parked.list === undefined) return null;
  const all = parked.list.messages;
  if (all.length === 0) return <p>No messages are parked.</p>;
  const counts = new Map<string, number>();
  for (const each of all) counts.set(each.reason, (counts.get(each.reason) ?? 0) + 1);
  const shown = reason === undefined ? all : all.filter((each) => each.reason === reason);
  const chosen = shown.filter(({ id }) => selected.has(id));
  const show = (wanted: string) =>
    route(wanted === '' ? '/parked' : `/parked?${new URLSearchParams({ reason: wanted })}`);
  return (
    <>
      <div class="narrow">
        <label for="reason">Reason</label>
        <select id="reason" value={reason ?? ''} onChange={({ currentTarget }) => show(currentTarget.value)}>
          <option value="">all ({all.length})</option>
          {[...new Set([...counts.keys(), ...(reason === undefined ? [] : [reason])])].map((each) => (
            <option key={each} value={each}>
              {each} ({counts.get(each) ?? 0})
            </option>
          ))}
        </select>
      </div>
      <ParkedActions
        parked={parked}
        messages={chosen.length > 0 ? chosen : shown}
        name={chosen.length > 0 ? `the ${chosen.length} selected` : `all ${shown.length}`}
        mayDiscard={chosen.length > 0}
      />
      <ParkedTable messages={shown} reason={reason} selected={selected} onSelect={setSelected} />
    </>
  );
}
