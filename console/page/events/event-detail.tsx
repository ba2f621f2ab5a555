import type { RefObject } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { messageText, riskText, STATE_MEANINGS } from '../../../client/describe/live-event-words.ts';
import type { NotApplied } from '../../../client/operate/live-event-risk.ts';
import { problemText } from '../../../lib/contract/problem-text.ts';
import type { EventAnswer } from '../../api/events.ts';
import { read } from '../call.ts';
import { counted, timeText } from '../format.ts';
import { Failure } from '../parts/failure.tsx';
import { Time } from '../parts/time.tsx';
import { usePolled } from '../use-polled.ts';
import { CancelEvent } from './cancel-event.tsx';
import { EventRooms, shownState } from './event-rooms.tsx';
import { StateTag } from './event-tags.tsx';
import { MoveEvent } from './move-event.tsx';

const EVERY_MS = 2_500;

type Detail = NonNullable<EventAnswer['event']>;

interface EventDetailProps {
  liveEventId: string;
  heading: RefObject<HTMLHeadingElement | null>;
  closeHref: string;
  /** The number of changes that were accepted or refused. The event is read again after each change. */
  outcomes: number;
  /** @param number the number of the message that was sent */
  onSent(number: number): void;
}

/** One event: its times, its rooms, what was not applied, and the buttons that change it. */
export function EventDetail({ liveEventId, heading, closeHref, outcomes, onSent }: EventDetailProps) {
  const readEvent = useCallback(
    (signal: AbortSignal) => read<EventAnswer>('event', { event: liveEventId }, signal),
    [liveEventId],
  );
  const { answer, problem, refresh } = usePolled(readEvent, EVERY_MS);
  useEffect(refresh, [outcomes, refresh]);
  const event = answer?.event;
  const sent = (number: number) => {
    refresh();
    onSent(number);
  };
  return (
    <section class="panel" aria-labelledby="event">
      <h2 id="event" ref={heading} tabIndex={-1}>
        {liveEventId} {event && <StateTag state={event.state} />}
      </h2>
      <Failure problem={problem} />
      {answer && event === undefined && <p>greenroom has accepted no revision of this event.</p>}
      {event && <Facts event={event} />}
      {answer?.notApplied && <Refusal notApplied={answer.notApplied} />}
      {event && event.state !== 'cancelled' && (
        <Changes event={event} cancellation={answer?.cancellation ?? ''} onSent={sent} />
      )}
      {event && <EventRooms event={event} />}
      <p>
        <a href={closeHref}>Close</a>
      </p>
    </section>
  );
}

function Facts({ event }: { event: Detail }) {
  const { tenant, revision, state, atRisk, counts } = event;
  const released = event.rooms.filter((room) => shownState(room) === 'released').length;
  return (
    <>
      <p>
        Revision {revision}, tenant {tenant}: {STATE_MEANINGS[state]}.
      </p>
      {atRisk && <p class="trouble">At risk: {riskText(atRisk, timeText)}.</p>}
      <dl class="details">
        {timesOf(event).map(([name, ms]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Time atMs={ms} /> (<Time atMs={ms} distance />)
            </dd>
          </div>
        ))}
        <div>
          <dt>Rooms</dt>
          <dd>
            {counts.exist - released} of {counted(counts.total, 'room')} exist
            {released > 0 && `, ${released} released`}
            {counts.failed > 0 && `, ${counts.failed} failed`}
            {counts.requested > 0 && `, ${counts.requested} requested`}
            {counts.notRequested > 0 && `, ${counts.notRequested} not requested`}
          </dd>
        </div>
      </dl>
    </>
  );
}

function timesOf(event: Detail): [string, number][] {
  const isCancelled = event.state === 'cancelled';
  const times: [string, number | undefined][] = [
    ['Opens', event.openedAtMs === undefined ? event.opensAtMs : undefined],
    ['Opened', event.openedAtMs],
    ['Check', event.checkAtMs],
    ['Starts', event.startsAtMs],
    ['Ends', event.endsAtMs],
    [isCancelled ? 'Release requested' : 'Release of the rooms', event.releaseAtMs],
    ['Cancelled', event.cancelledAtMs],
  ];
  return times.flatMap(([name, ms]) => (ms === undefined ? [] : [[name, ms]]));
}

function Refusal({ notApplied }: { notApplied: NotApplied }) {
  const { refusedAtMs, problems, problemsTotal } = notApplied;
  const more = problemsTotal - problems.length;
  return (
    <div class="trouble">
      <p>
        {messageText(notApplied)} was not applied, at <Time atMs={refusedAtMs} />:
      </p>
      <ul>
        {problems.map((each) => (
          <li key={each.path + each.message}>{problemText(each)}</li>
        ))}
        {more > 0 && <li>and {more} more</li>}
      </ul>
    </div>
  );
}

interface ChangesProps {
  event: Detail;
  cancellation: string;
  onSent(number: number): void;
}

function Changes({ event, cancellation, onSent }: ChangesProps) {
  const [isMoving, setMoving] = useState(false);
  const [isCancelling, setCancelling] = useState(false);
  return (
    <>
      <p class="buttons">
        <button type="button" aria-expanded={isMoving} onClick={() => setMoving(!isMoving)}>
          Move…
        </button>
        <button type="button" class="danger" onClick={() => setCancelling(true)}>
          Cancel the event…
        </button>
      </p>
      {isMoving && (
        <MoveEvent
          event={event}
          onSent={(number) => {
            setMoving(false);
            onSent(number);
          }}
        />
      )}
      {isCancelling && (
        <CancelEvent event={event} effect={cancellation} onSent={onSent} onClose={() => setCancelling(false)} />
      )}
    </>
  );
}
