import type { OldestMessages } from '../../../client/operate/oldest-messages.ts';
import type { QueueDepth } from '../../../client/operate/region-pace.ts';
import type { LoadSample } from '../../api/now.ts';
import { countText, durationText } from '../format.ts';

interface QueuesProps {
  queues: readonly QueueDepth[];
  samples: readonly LoadSample[];
  oldest: OldestMessages | undefined;
}

/** The number of messages that wait in each queue, as SQS approximates it. */
export function Queues({ queues, samples, oldest }: QueuesProps) {
  return (
    <section class="panel scroll" aria-label="Queues">
      <table>
        <caption>Queues</caption>
        <thead>
          <tr>
            <th scope="col">Queue</th>
            <th scope="col" class="number">
              Visible
            </th>
            <th scope="col" class="number">
              In flight or waiting
            </th>
            <th scope="col" class="number">
              Change
            </th>
            <th scope="col">Oldest message</th>
          </tr>
        </thead>
        <tbody>
          {queues.map((depth) => (
            <QueueRow key={depth.queue} depth={depth} first={samples[0]} oldest={oldest} />
          ))}
        </tbody>
      </table>
      <p class="faint">
        SQS counts approximately. "Change" compares with the time at which this page was opened.
        {oldest === undefined && ' The embedded stack does not measure the age of messages.'}
        {oldest?.kind === 'unread' && ` The age of messages cannot be read: ${oldest.why}`}
      </p>
    </section>
  );
}

interface QueueRowProps extends Pick<QueuesProps, 'oldest'> {
  depth: QueueDepth;
  first: LoadSample | undefined;
}

function QueueRow({ depth: { queue, visible, inFlight }, first, oldest }: QueueRowProps) {
  const change = visible + inFlight - (first?.depths[queue] ?? visible + inFlight);
  return (
    <tr>
      <th scope="row">{queue === 'parked' ? <a href="/parked">parked</a> : queue}</th>
      <td class="number">{countText(visible)}</td>
      <td class="number">{countText(inFlight)}</td>
      <td class="number">{change > 0 ? `+${countText(change)}` : countText(change)}</td>
      <td>{oldestText(queue, oldest)}</td>
    </tr>
  );
}

function oldestText(queue: string, oldest: OldestMessages | undefined) {
  const found = oldest?.kind === 'read' ? oldest.queues.find((each) => each.queue === queue) : undefined;
  if (found === undefined) return <span class="faint">–</span>;
  return found.seconds === 0 ? 'none' : `waits for ${durationText(found.seconds * 1000)}`;
}
