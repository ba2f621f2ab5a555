import type { PublishedEvent } from '../../api/published.ts';
import { useLive } from '../live.tsx';
import { Time } from './time.tsx';

const SHOWN = 12;

/** The newest published events. All of them are in the part Requests. */
export function LatestEvents({ events }: { events: readonly PublishedEvent[] }) {
  const { published } = useLive();
  const problem = published.answer?.problem ?? published.problem;
  const newest = events.slice(-SHOWN).reverse();
  return (
    <section class="panel scroll" aria-label="Published">
      <table>
        <caption>Published</caption>
        <tbody>
          {newest.map(({ number, receivedAtMs, event }) => (
            <tr key={number}>
              <td class="mono">
                <Time atMs={receivedAtMs} />
              </td>
              <td>
                <span class={`tag ${event.type.includes('fail') ? 'bad' : 'good'}`}>{kindOf(event.type)}</span>
              </td>
              <td>{event.subject ?? '(no readable key)'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {problem !== undefined && <p class="trouble">The console receives no events at the moment: {problem}</p>}
      {newest.length === 0 && problem === undefined && (
        <p class="faint">Nothing has been published since the console was started.</p>
      )}
    </section>
  );
}

/** `room provisioned` of `greenroom.room.provisioned.v1`. */
function kindOf(type: string): string {
  return type.split('.').slice(1, -1).join(' ');
}
