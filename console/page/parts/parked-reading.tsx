import type { ParkedActivity, ParkedActivityKind, ParkedResult } from '../../api/parked.ts';
import { download } from '../call.ts';
import { counted, countText } from '../format.ts';
import { useAction } from '../use-action.ts';
import type { Parked } from '../use-parked.ts';
import { Failure } from './failure.tsx';
import { Time } from './time.tsx';

const DOING: Record<ParkedActivityKind, string> = {
  read: 'Reading the queue',
  redrive: 'Sending messages back',
  discard: 'Discarding messages',
};

const DONE: Record<ParkedActivityKind, string> = { read: 'Read', redrive: 'Sent back', discard: 'Discarded' };

const MAX_SHOWN_FAILURES = 20;

/**
 * When the queue was read, the running activity, and the result of the last one.
 * @param depth the number of messages in the queue, if they have been counted since the last reading
 */
export function ParkedReading({ parked, depth }: { parked: Parked; depth: number | undefined }) {
  const { state, list } = parked;
  const running = state?.running;
  const isCounted = running === undefined && list !== undefined && depth !== undefined;
  const isOutdated = isCounted && depth !== list.messages.length + list.unseenCount;
  return (
    <section aria-label="Reading of the queue">
      <p class="faint">
        greenroom parks the messages that it cannot finish without a person. While the console reads these messages,
        they are hidden from other readers. It therefore reads the queue only when you open this part or ask for it.
      </p>
      <Buttons parked={parked} />
      {running && <Progress running={running} />}
      <div role="status">
        {running === undefined && state?.last && <Result last={state.last} />}
        {list && (
          <p>
            {counted(list.messages.length, 'message')}, read <Time atMs={list.readAtMs} />
            {isOutdated && ` · the queue now contains about ${counted(depth, 'message')}: read it again`}
          </p>
        )}
      </div>
    </section>
  );
}

function Buttons({ parked: { state, begin, problem } }: { parked: Parked }) {
  const action = useAction();
  const running = state?.running;
  const trouble = action.problem ?? problem;
  return (
    <>
      <p class="buttons">
        <button type="button" disabled={running !== undefined} onClick={() => action.run(() => begin('read'))}>
          Read the queue
        </button>
        {running && (
          <button type="button" disabled={running.isStopping} onClick={() => action.run(() => begin('stop'))}>
            {running.isStopping ? 'Stopping…' : 'Stop'}
          </button>
        )}
        {state !== undefined && state.discardedCount > 0 && (
          <button type="button" onClick={() => action.run(() => download('parked/discarded', {}, 'discarded.ndjson'))}>
            Save {counted(state.discardedCount, 'discarded message')}
          </button>
        )}
      </p>
      <Failure problem={trouble} />
    </>
  );
}

function Progress({ running: { kind, done, total } }: { running: ParkedActivity }) {
  return (
    <p>
      <label for="parked-progress">
        {DOING[kind]}: {countText(done)} of {kind === 'read' && 'about '}
        {countText(total)}
      </label>
      <progress id="parked-progress" max={Math.max(total, 1)} value={done} />
    </p>
  );
}

function Result({ last }: { last: ParkedResult }) {
  const { kind, done, total, isStopped, problem, notes, failures } = last;
  const isFine = problem === undefined && failures.length === 0;
  const hasNews = !isFine || isStopped || notes.length > 0 || kind !== 'read';
  if (!hasNews) return null;
  return (
    <div class={isFine ? 'done' : 'trouble'}>
      <p>
        {DONE[kind]} {kind === 'read' ? counted(done, 'message') : `${countText(done)} of ${counted(total, 'message')}`}{' '}
        at <Time atMs={last.endedAtMs} />.{isStopped && ' It was stopped.'} {problem}
      </p>
      {notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
      {failures.length > 0 && (
        <ul>
          {failures.slice(0, MAX_SHOWN_FAILURES).map(({ id, problem: why }) => (
            <li key={id}>
              <code>{id}</code>: {why}
            </li>
          ))}
          {failures.length > MAX_SHOWN_FAILURES && (
            <li>and {counted(failures.length - MAX_SHOWN_FAILURES, 'other message')}</li>
          )}
        </ul>
      )}
    </div>
  );
}
