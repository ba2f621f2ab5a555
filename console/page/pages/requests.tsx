import { useLocation } from 'preact-iso';
import { useLive } from '../live.tsx';
import { EventJson } from '../requests/event-json.tsx';
import { RequestPanel } from '../requests/request-panel.tsx';
import { Found, Search } from '../requests/search.tsx';
import { SeenEvents } from '../requests/seen-events.tsx';

/** A search for a request, what is known about it, and the events that the console has received. */
export function RequestsPage() {
  const { query } = useLocation();
  const { q, by, hash, key, event, filter = '' } = query;
  return (
    <section>
      <h1>Requests</h1>
      <Search text={q ?? key ?? ''} />
      {q !== undefined && <Found text={q} by={by} selected={hash} />}
      {q === undefined && key !== undefined && <RequestPanel key={key} asked={{ key }} />}
      {event !== undefined && <Event number={Number(event)} />}
      <SeenEvents filter={filter} />
    </section>
  );
}

/** An event without a readable key. */
function Event({ number }: { number: number }) {
  const { events } = useLive();
  const found = events.find((each) => each.number === number);
  return (
    <section class="panel" aria-labelledby="event">
      <h2 id="event">Event without a readable key</h2>
      {found === undefined ? <p>The console no longer has this event.</p> : <EventJson {...found} />}
    </section>
  );
}
