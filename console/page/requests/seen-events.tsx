import { useMemo } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { PublishedEvent } from '../../api/published.ts';
import { countText } from '../format.ts';
import { useLive } from '../live.tsx';
import { Time } from '../parts/time.tsx';
import { VirtualList } from '../parts/virtual-list.tsx';
import { type EventFacts, factsOf } from './event-facts.ts';

interface SeenEvent {
  published: PublishedEvent;
  facts: EventFacts;
}

/** The events about requests that the console has received, newest first. */
export function SeenEvents({ filter }: { filter: string }) {
  const { events, published } = useLive();
  const { query, route } = useLocation();
  const seen = useMemo(() => withFacts(events), [events]);
  const wanted = filter.trim().toLowerCase();
  const shown = useMemo(
    () => (wanted === '' ? seen : seen.filter(({ facts }) => facts.searched.includes(wanted))),
    [seen, wanted],
  );
  const setFilter = (text: string) => {
    const { filter: _, ...others } = query;
    route(`/requests?${new URLSearchParams({ ...others, ...(text !== '' && { filter: text }) })}`, true);
  };
  return (
    <section aria-labelledby="seen">
      <h2 id="seen">Published events</h2>
      <Listening />
      {published.problem && (
        <p class="trouble" role="alert">
          {published.problem}
        </p>
      )}
      <div class="filter">
        <label for="filter">Filter by key, room name, tenant, correlation id, outcome or reason</label>
        <input id="filter" value={filter} onInput={({ currentTarget }) => setFilter(currentTarget.value)} />
        <span role={wanted === '' ? undefined : 'status'}>
          {wanted === '' ? countText(seen.length) : `${countText(shown.length)} of ${countText(seen.length)}`} events
        </span>
      </div>
      <VirtualList
        items={shown}
        rowHeight={58}
        label="Published events, newest first"
        keyOf={({ published: { number } }) => number}
        row={(event) => <Row event={event} query={query} />}
        empty={seen.length === 0 ? 'No event has been published since then.' : 'No event contains this text.'}
      />
    </section>
  );
}

function withFacts(events: readonly PublishedEvent[]): SeenEvent[] {
  return events
    .flatMap((published) => {
      const facts = factsOf(published);
      return facts === undefined ? [] : [{ published, facts }];
    })
    .reverse();
}

/** Says since when the console has received all events, or why it receives none. */
function Listening() {
  const { published } = useLive();
  const { answer } = published;
  if (answer === undefined) return null;
  const { problem, sinceMs, forgotten } = answer;
  if (problem !== undefined)
    return (
      <p class="trouble" role="alert">
        The console receives no events at the moment: {problem}
      </p>
    );
  if (sinceMs === undefined) return <p class="faint">The console is preparing to receive events.</p>;
  return (
    <p class="faint">
      The console has received events since <Time atMs={sinceMs} />. Find older requests by key, ARN or name.
      {forgotten > 0 && ` It keeps the newest 10,000 events, and has forgotten ${countText(forgotten)}.`}
    </p>
  );
}

function Row({ event: { published, facts }, query }: { event: SeenEvent; query: Record<string, string> }) {
  const { key, outcome, tone, reason, roomName, tenant, region, correlationId } = facts;
  const target = key === undefined ? { event: String(published.number) } : { key };
  const kept = query.filter === undefined ? {} : { filter: query.filter };
  return (
    <a class="row" href={`/requests?${new URLSearchParams({ ...target, ...kept })}`}>
      <span class="first">
        <span class={`tag ${tone}`}>{reason === undefined ? outcome : `${outcome}: ${reason}`}</span>{' '}
        <strong>{key ?? 'no readable key'}</strong>
      </span>
      <span class="faint">
        <Time atMs={published.receivedAtMs} />{' '}
        {[roomName, region, tenant, correlationId].filter((each) => each !== undefined).join(' · ')}
      </span>
    </a>
  );
}
