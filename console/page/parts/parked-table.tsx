import { useState } from 'preact/hooks';
import type { ParkedLine } from '../../api/parked.ts';
import { bytesText, counted } from '../format.ts';
import { Time } from './time.tsx';

const ROWS = 100;

interface ParkedTableProps {
  messages: readonly ParkedLine[];
  /** The reason by which the list is filtered. The links keep it. */
  reason: string | undefined;
  selected: ReadonlySet<string>;
  onSelect(selected: ReadonlySet<string>): void;
}

/** The messages, newest first. "Select all" also selects the messages that are not shown yet. */
export function ParkedTable({ messages, reason, selected, onSelect }: ParkedTableProps) {
  const [rows, setRows] = useState(ROWS);
  const isAll = messages.length > 0 && messages.every(({ id }) => selected.has(id));
  return (
    <>
      <section class="scroll" tabIndex={0} aria-label="Parked messages">
        <table class="wide">
          <Header isAll={isAll} onToggle={() => onSelect(new Set(isAll ? [] : messages.map(({ id }) => id)))} />
          <tbody>
            {messages.slice(0, rows).map((each) => (
              <Row key={each.id} {...{ message: each, reason, selected, onSelect }} />
            ))}
          </tbody>
        </table>
      </section>
      {messages.length > rows && (
        <p>
          <button type="button" onClick={() => setRows(rows + ROWS)}>
            Show more ({counted(messages.length - rows, 'message')} left)
          </button>
        </p>
      )}
    </>
  );
}

function Header({ isAll, onToggle }: { isAll: boolean; onToggle(): void }) {
  return (
    <thead>
      <tr>
        <th scope="col">
          <input type="checkbox" aria-label="Select all" checked={isAll} onChange={onToggle} />
        </th>
        <th scope="col">Key</th>
        <th scope="col">Reason</th>
        <th scope="col">Tenant</th>
        <th scope="col">Parked</th>
        <th scope="col" class="number">
          Size
        </th>
      </tr>
    </thead>
  );
}

function Row({ message, reason, selected, onSelect }: Omit<ParkedTableProps, 'messages'> & { message: ParkedLine }) {
  const { id, idempotencyKey, tenant, parkedAtMs, sizeBytes, meaning } = message;
  const name = idempotencyKey ?? 'no readable key';
  const query = new URLSearchParams({ message: id, ...(reason !== undefined && { reason }) });
  const toggle = () => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    onSelect(next);
  };
  return (
    <tr>
      <td>
        <input type="checkbox" aria-label={`Select ${name}`} checked={selected.has(id)} onChange={toggle} />
      </td>
      <th scope="row">
        <a href={`/parked?${query}`}>
          {name} <span class="mono faint">{id.slice(0, 8)}</span>
        </a>
      </th>
      <td>
        <span class="tag warn">{message.reason}</span> {meaning}
      </td>
      <td>{tenant}</td>
      <td>
        <Time atMs={parkedAtMs} distance />
      </td>
      <td class="number">{bytesText(sizeBytes)}</td>
    </tr>
  );
}
