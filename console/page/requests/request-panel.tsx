import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { PublishedEvent } from '../../api/published.ts';
import type { RequestView } from '../../api/requests.ts';
import { read } from '../call.ts';
import { useLive } from '../live.tsx';
import { Copy } from '../parts/copy.tsx';
import { Json } from '../parts/json.tsx';
import { Time } from '../parts/time.tsx';
import { useAction } from '../use-action.ts';
import { usePolled } from '../use-polled.ts';
import { isOpen, stateWords } from './answers.ts';
import { factsOf } from './event-facts.ts';
import { Attributes, EventJson } from './event-json.tsx';
import { LastSent } from './last-sent.tsx';
import { Problems } from './problems.tsx';
import { SendAgain, SendAgainNote } from './send-again.tsx';
import { Steps, Timeline } from './timeline.tsx';

const OPEN_MS = 2_000;
const FINAL_MS = 30_000;

/** The key, or its hash if only the room is known. */
export type Asked = { key: string } | { ledgerKey: string };

/**
 * One request, from its sending to its completion. Pass the asked key as the `key` of this component, so that another request does not
 * inherit its state.
 */
export function RequestPanel({ asked }: { asked: Asked }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const { view, problem, refresh, verify } = useRequest(asked);
  const { events } = useLive();
  const own = events.filter((each) => view?.idempotencyKey !== undefined && factsOf(each)?.key === view.idempotencyKey);
  return (
    <section class="panel" aria-labelledby="request">
      <h2 id="request" tabIndex={-1} ref={heading}>
        {view?.idempotencyKey ?? ('key' in asked ? asked.key : `Key with the hash ${asked.ledgerKey.slice(0, 12)}…`)}
      </h2>
      {problem && <Trouble>{problem}</Trouble>}
      {view && (
        <>
          <Facts view={view} events={own} />
          <p class="buttons">
            {view.roomArn && (
              <button type="button" disabled={verify.isRunning} onClick={verify.start}>
                {verify.isRunning ? 'Verifying…' : 'Verify'}
              </button>
            )}
            <SendAgain view={view} onSent={refresh} />
          </p>
          {verify.problem && <Trouble>{verify.problem}</Trouble>}
          <Verified view={view} />
          <SendAgainNote view={view} />
          <LastSent view={view} events={own} />
          <History view={view} events={own} />
        </>
      )}
    </section>
  );
}

function useRequest(asked: Asked) {
  const query = 'key' in asked ? { key: asked.key } : { ledgerKey: asked.ledgerKey };
  const name = JSON.stringify(query);
  const [everyMs, setEveryMs] = useState(OPEN_MS);
  const polled = usePolled(
    useCallback((signal: AbortSignal) => read<RequestView>('requests/view', query, signal), [name]),
    everyMs,
  );
  const { answer } = polled;
  const checking = useAction();
  const [check, setCheck] = useState<RequestView['roomCheck']>();
  useEffect(() => {
    if (answer !== undefined) setEveryMs(isOpen(answer) ? OPEN_MS : FINAL_MS);
  }, [answer]);
  const start = () => checking.run(async () => setCheck((await read<RequestView>('requests/verify', query)).roomCheck));
  return {
    view: answer && withCheck(answer, check),
    problem: polled.problem,
    refresh: polled.refresh,
    verify: { ...checking, start },
  };
}

/** Adds the last check of the room to the present view. The check may be older than the rest. */
function withCheck(view: RequestView, roomCheck: RequestView['roomCheck']): RequestView {
  if (roomCheck === undefined || view.state === 'released') return view;
  return { ...view, roomCheck, ...(!roomCheck.exists && { state: 'room-deleted' }) };
}

function Facts({ view, events }: { view: RequestView; events: readonly PublishedEvent[] }) {
  const [words, tone] = stateWords(view);
  const { region, tenant, roomArn, roomName } = view;
  const data = (view.completion ?? (view.state === 'unknown' ? events.findLast(isFailure)?.event : undefined))?.data;
  const failure = data !== undefined && 'error' in data ? data : undefined;
  return (
    <dl class="pairs">
      <Fact name="State">
        <span class={`tag ${tone}`} role="status">
          {words}
        </span>
        {view.state === 'unknown' &&
          ' no worker has claimed the key yet, its request is invalid, or its item has expired'}
        {view.state === 'not-requested' && ' no request has arrived; the wish below will apply to the next one'}
        {view.problem && ` ${view.problem}`}
      </Fact>
      {failure && (
        <Fact name="Reason">
          {failure.reason}: {failure.error.message}
          <Problems problems={failure.problems ?? []} />
        </Fact>
      )}
      {roomArn && (
        <Fact name="Room">
          <span class="mono">{roomArn}</span> <Copy text={roomArn} what="the ARN" />
        </Fact>
      )}
      {roomName && <Fact name="Name">{roomName}</Fact>}
      {region && <Fact name="Region">{region}</Fact>}
      {tenant && <Fact name="Tenant">{tenant}</Fact>}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Trouble({ children }: { children: ComponentChildren }) {
  return (
    <p class="trouble" role="alert">
      {children}
    </p>
  );
}

/** The result of a check with IVS Chat. */
function Verified({ view: { roomCheck } }: { view: RequestView }) {
  if (roomCheck === undefined) return null;
  return (
    <p class={roomCheck.exists ? 'done' : 'trouble'} role="status">
      {roomCheck.exists ? 'IVS Chat has the room.' : 'IVS Chat has no such room: it was deleted.'} Verified at{' '}
      <Time atMs={roomCheck.atMs} />.
    </p>
  );
}

function isFailure({ event }: PublishedEvent): boolean {
  return 'error' in event.data;
}

function outcomeOf({ event }: PublishedEvent): string {
  return 'outcome' in event.data ? event.data.outcome : event.type;
}

/** The events of the key that the ledger does not store, such as the refusal of an invalid request. The newest comes first. */
function OtherEvents({ events }: { events: readonly PublishedEvent[] }) {
  if (events.length === 0) return null;
  return (
    <>
      <h3>Other events of this key</h3>
      {[...events].reverse().map((published) => (
        <details key={published.number}>
          <summary>
            {outcomeOf(published)} at <Time atMs={published.receivedAtMs} />
          </summary>
          <EventJson {...published} />
        </details>
      ))}
    </>
  );
}

function History({ view, events }: { view: RequestView; events: readonly PublishedEvent[] }) {
  // For a completed request, the only step that is still to come is the expiry of its ledger item.
  const present = view.state === 'in-progress' || view.state === 'decided' ? 'Now' : 'From now on';
  const received = events.findLast(({ event }) => event.id === view.completion?.id);
  return (
    <>
      <h3>Timeline</h3>
      <Timeline past={view.past} events={events} />
      {view.past.length === 0 && events.length === 0 && <p class="empty">Nothing is known of this key yet.</p>}
      {view.completion && (
        <p class="hint">
          The ledger keeps the reasons for waits until the completion is published. After that, the timeline contains
          only those that this console has seen.
        </p>
      )}
      {view.present.length > 0 && (
        <>
          <h3>{present}</h3>
          <Steps steps={view.present} label={present} />
        </>
      )}
      {view.completion && (
        <>
          <h3>Completion</h3>
          <Json value={view.completion} label="the completion" />
          {received && <Attributes attributes={received.attributes} />}
        </>
      )}
      <OtherEvents events={events.filter(({ event }) => event.id !== view.completion?.id)} />
    </>
  );
}
