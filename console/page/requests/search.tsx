import { useCallback, useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { FoundRequest, FoundRequests } from '../../api/requests.ts';
import { read } from '../call.ts';
import { useLive } from '../live.tsx';
import { useRead } from '../use-read.ts';
import { factsOf } from './event-facts.ts';
import { RequestPanel } from './request-panel.tsx';

/** The field for a key, an ARN or a name. */
export function Search({ text }: { text: string }) {
  const { route } = useLocation();
  const [value, setValue] = useState(text);
  useEffect(() => setValue(text), [text]);
  const search = (event: Event) => {
    event.preventDefault();
    if (value.trim() !== '') route(`/requests?${new URLSearchParams({ q: value.trim() })}`);
  };
  return (
    <search>
      <form class="search" onSubmit={search}>
        <label for="search">Key, room ARN or room name</label>
        <input
          id="search"
          value={value}
          autocomplete="off"
          spellcheck={false}
          onInput={({ currentTarget }) => setValue(currentTarget.value)}
        />
        <button type="submit" class="primary">
          Find
        </button>
      </form>
    </search>
  );
}

/** The result of a search: one request, or a list to choose from. */
export function Found({ text, by, selected }: { text: string; by: string | undefined; selected: string | undefined }) {
  const { answer, problem } = useRead(
    useCallback((signal: AbortSignal) => read<FoundRequests>('requests/find', { text, by }, signal), [text, by]),
  );
  if (problem !== undefined) return <NotFound text={text} problem={problem} />;
  if (answer === undefined) return <p role="status">Searching…</p>;
  const [first, ...others] = answer.found;
  const chosen =
    others.length === 0 && first?.kind === 'request'
      ? first
      : answer.found.find((each) => each.kind === 'request' && each.ledgerKey === selected);
  return (
    <>
      {answer.mayBeName && (
        <p>
          This is the key of a request. <a href={nameSearch(text)}>Find the rooms with this name</a> instead (one call
          of ListRooms for each region).
        </p>
      )}
      {answer.found.length === 0 && (
        <p role="status">There is no room with this name. IVS Chat may list a new room a few seconds late.</p>
      )}
      {(others.length > 0 || first?.kind === 'foreign') && <Choices text={text} by={by} answer={answer} />}
      {chosen?.kind === 'request' && (
        <RequestPanel
          key={chosen.ledgerKey}
          asked={chosen.idempotencyKey === undefined ? { ledgerKey: chosen.ledgerKey } : { key: chosen.idempotencyKey }}
        />
      )}
    </>
  );
}

function nameSearch(text: string): string {
  return `/requests?${new URLSearchParams({ q: text, by: 'name' })}`;
}

function Choices({
  text,
  by,
  answer: { found, hasMore },
}: {
  text: string;
  by: string | undefined;
  answer: FoundRequests;
}) {
  const query = { q: text, ...(by !== undefined && { by }) };
  return (
    <div class="scroll">
      <table>
        <caption>
          <span role="status">
            {found.length === 1 ? 'One room' : `${found.length} rooms`}
            {hasMore && '. There are more rooms with this name: find them by their keys'}
          </span>
        </caption>
        <thead>
          <tr>
            <th scope="col">Room</th>
            <th scope="col">Request</th>
          </tr>
        </thead>
        <tbody>
          {found.map((each) => (
            <tr key={each.roomArn}>
              <td class="mono">{each.roomArn}</td>
              <td>{choice(each, query)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function choice(found: FoundRequest, query: { q: string; by?: string }) {
  if (found.kind === 'foreign') return found.problem;
  return <a href={`/requests?${new URLSearchParams({ ...query, hash: found.ledgerKey })}`}>Show the request</a>;
}

/** A room that was deleted cannot be found by its ARN, but the console may have seen its completion. */
function NotFound({ text, problem }: { text: string; problem: string }) {
  const { events } = useLive();
  const key = events.map(factsOf).findLast((facts) => facts?.roomArn === text)?.key;
  return (
    <>
      <p class="trouble" role="alert">
        {problem}
      </p>
      {key !== undefined && (
        <p>
          The console has seen the completion of this room:{' '}
          <a href={`/requests?${new URLSearchParams({ key })}`}>{key}</a>
        </p>
      )}
    </>
  );
}
