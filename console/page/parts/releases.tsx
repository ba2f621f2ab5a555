import type { ReleaseLoad } from '../../../client/operate/release/release-load.ts';
import { countText } from '../format.ts';
import { Time } from './time.tsx';

/** The rooms that wait for their release. */
export function Releases({ releases }: { releases: ReleaseLoad }) {
  if (releases.kind === 'unread') return <p class="faint">The releases cannot be read: {releases.why}</p>;
  const waiting = releases.regions.filter(({ due, waiting: later }) => due + later > 0);
  if (waiting.length === 0) return <p class="faint">No rooms wait for their release.</p>;
  return (
    <section class="panel scroll" aria-label="Releases">
      <table>
        <caption>Releases</caption>
        <thead>
          <tr>
            <th scope="col">Region</th>
            <th scope="col" class="number">
              Due now
            </th>
            <th scope="col" class="number">
              Later
            </th>
            <th scope="col">Due since</th>
          </tr>
        </thead>
        <tbody>
          {waiting.map(({ region, due, waiting: later, more, dueSinceMs }) => (
            <tr key={region}>
              <th scope="row">{region}</th>
              <td class="number">{countText(due) + (more === 'due' ? '+' : '')}</td>
              <td class="number">{countText(later) + (more === 'none' ? '' : '+')}</td>
              <td>{dueSinceMs === undefined ? '–' : <Time atMs={dueSinceMs} distance />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
