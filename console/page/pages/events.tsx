import { Failure } from '../parts/failure.tsx';
import '../events/events.css';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { EventsAnswer, ShownEvent } from '../../api/events.ts';
import { read } from '../call.ts';
import { dayAfter, dayOf, isDay, rangeOf, TIME_ZONE } from '../events/day.ts';
import { EventDetail } from '../events/event-detail.tsx';
import { needsAttention } from '../events/event-tags.tsx';
import { Outlook } from '../events/outlook.tsx';
import { Programme } from '../events/programme.tsx';
import { SentNote } from '../events/sent-note.tsx';
import { counted } from '../format.ts';
import { type Address, useAddress } from '../use-address.ts';
import { usePolled } from '../use-polled.ts';

/** Each reading makes one call for every event. */
const EVERY_MS = 10_000;

/** The live events of a day, and one event in detail. */
export function EventsPage() {
  const address = useAddress();
  const given = address.get('day');
  const day = isDay(given) ? given : dayOf(Date.now());
  const readDay = useCallback(
    (signal: AbortSignal) => {
      const { fromMs, untilMs } = rangeOf(day);
      return read<EventsAnswer>('events', { from: fromMs, until: untilMs }, signal);
    },
    [day],
  );
  const { answer, problem, refresh } = usePolled(readDay, EVERY_MS);
  const [outcomes, setOutcomes] = useState(0);
  const noteOutcome = () => {
    setOutcomes((count) => count + 1);
    refresh();
  };
  const isOfDay = answer !== undefined && answer.fromMs === rangeOf(day).fromMs;
  const selected = address.get('event');
  return (
    <section>
      <h1>Events</h1>
      <DayForm day={day} address={address} />
      <Failure problem={problem} />
      <SentNote
        number={address.get('sent')}
        day={day}
        hrefOf={(event, on) => address.with({ event, day: addressOfDay(on), name: '', only: '' })}
        onOutcome={noteOutcome}
        onClose={() => address.change({ sent: '' }, false)}
      />
      {isOfDay ? (
        <>
          <Outlook {...answer} />
          <div class={selected === '' ? '' : 'beside'}>
            <Day answer={answer} day={day} address={address} />
            {selected !== '' && <Selected liveEventId={selected} address={address} outcomes={outcomes} />}
          </div>
        </>
      ) : (
        problem === undefined && <p role="status">Reading the events…</p>
      )}
    </section>
  );
}

/** The detail of the selected event. It receives the focus when another event is selected, but not when the page opens. */
function Selected({ liveEventId, address, outcomes }: { liveEventId: string; address: Address; outcomes: number }) {
  const opened = useRef(OPENED_WITH);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (opened.current !== liveEventId) heading.current?.focus();
    opened.current = '';
  }, [liveEventId]);
  return (
    <EventDetail
      key={liveEventId}
      liveEventId={liveEventId}
      heading={heading}
      outcomes={outcomes}
      closeHref={address.with({ event: '' })}
      onSent={(number) => address.change({ sent: String(number) }, false)}
    />
  );
}

/** The event in the address with which the page was opened. */
const OPENED_WITH = new URLSearchParams(location.search).get('event') ?? '';

/** The value of a day in the address. For today, the address contains no value. */
const addressOfDay = (day: string) => (day === dayOf(Date.now()) ? '' : day);

function DayForm({ day, address }: { day: string; address: Address }) {
  const today = dayOf(Date.now());
  const go = (other: string) => address.change({ day: addressOfDay(other) });
  return (
    <form class="controls" onSubmit={(event) => event.preventDefault()}>
      <label>
        Day (all times in {TIME_ZONE})
        <input type="date" value={day} onChange={({ currentTarget: { value } }) => isDay(value) && go(value)} />
      </label>
      <p class="buttons">
        <button type="button" onClick={() => go(dayAfter(day, -1))}>
          Day before
        </button>
        <button type="button" disabled={day === today} onClick={() => go(today)}>
          Today
        </button>
        <button type="button" onClick={() => go(dayAfter(day, 1))}>
          Day after
        </button>
      </p>
      <label>
        Name contains
        <input
          type="search"
          value={address.get('name')}
          onInput={({ currentTarget: { value } }) => address.change({ name: value }, false)}
        />
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={address.get('only') === 'attention'}
          onChange={({ currentTarget: { checked } }) => address.change({ only: checked ? 'attention' : '' }, false)}
        />{' '}
        Only events that need attention
      </label>
    </form>
  );
}

function Day({ answer, day, address }: { answer: EventsAnswer; day: string; address: Address }) {
  const { events } = answer;
  const name = address.get('name').toLowerCase();
  const isWanted = (event: ShownEvent) =>
    event.liveEventId.toLowerCase().includes(name) && (address.get('only') !== 'attention' || needsAttention(event));
  const shown = events.filter(isWanted);
  return (
    <section aria-labelledby="programme">
      <h2 id="programme">
        {shown.length === events.length
          ? counted(events.length, 'event')
          : `${shown.length} of ${counted(events.length, 'event')}`}
      </h2>
      <Programme
        events={shown}
        day={day}
        range={answer}
        selected={address.get('event')}
        hrefOf={(liveEventId) => address.with({ event: liveEventId })}
        empty={events.length === 0 ? 'No live event starts on this day.' : 'No event of this day matches.'}
      />
    </section>
  );
}
