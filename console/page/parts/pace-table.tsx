import type { RegionNow } from '../../api/now.ts';
import { rateText } from '../format.ts';
import { laneKey, type RecentRooms } from '../recent-rooms.ts';
import { Time } from './time.tsx';

interface PaceTableProps {
  regions: readonly RegionNow[];
  recent: RecentRooms;
  atMs: number;
}

/** Every region with its lanes: how much of the quota is used, and why there are no calls. */
export function PaceTable({ regions, recent, atMs }: PaceTableProps) {
  return (
    <section class="panel scroll" aria-label="Regions and lanes">
      <table>
        <caption>Regions and lanes</caption>
        <thead>
          <tr>
            <th scope="col">Region</th>
            <th scope="col">New rooms per second</th>
            <th scope="col" class="number">
              Slots ahead
            </th>
            <th scope="col">State</th>
            <th scope="col">interactive</th>
            <th scope="col">bulk</th>
          </tr>
        </thead>
        <tbody>
          {regions.map((region) => (
            <tr key={region.region}>
              <th scope="row">{region.region}</th>
              <td>
                <Used rooms={recent.perSecond.get(region.region) ?? 0} limit={region.limit} rate={region.rate} />
              </td>
              <td class="number">{region.slotsAhead}</td>
              <td>
                <Breaker region={region} atMs={atMs} />
              </td>
              {region.lanes.map((lane) => (
                <td key={lane.lane}>
                  <Lane lane={lane} rooms={recent.byLane.get(laneKey(region.region, lane.lane)) ?? 0} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The new rooms over half a minute, compared with the limit. No limit is known before the first call. */
function Used({ rooms, limit, rate }: { rooms: number; limit: number | undefined; rate: number | undefined }) {
  if (limit === undefined) return <span class="faint">no call yet</span>;
  const isSlowed = rate !== undefined && rate < limit * 0.95;
  return (
    <>
      <meter min={0} max={limit} value={Math.min(rooms, limit)} aria-hidden="true" /> {rooms.toFixed(1)} of{' '}
      {rateText(limit)}
      {isSlowed && (
        <>
          {' '}
          <span class="tag warn">slowed to {rateText(rate)} after throttled calls</span>
        </>
      )}
    </>
  );
}

function Breaker({ region: { breaker }, atMs }: { region: RegionNow; atMs: number }) {
  if (breaker === undefined) return <span class="faint">open for calls</span>;
  const { reason, meaning, remedy, openedAtMs, probeAtMs } = breaker;
  return (
    <>
      <span class="tag bad">no calls: {reason}</span> {meaning}
      {openedAtMs !== undefined && (
        <>
          , since <Time atMs={openedAtMs} />
        </>
      )}
      . To do: {remedy}. The next probe is {probeAtMs > atMs ? <Time atMs={probeAtMs} distance /> : 'due'}.
    </>
  );
}

function Lane({ lane, rooms }: { lane: RegionNow['lanes'][number]; rooms: number }) {
  const { pausedUntilMs, limit } = lane;
  return (
    <>
      {rooms === 0 ? <span class="faint">–</span> : `${rooms} in a minute`}
      {pausedUntilMs !== undefined && (
        <>
          {' '}
          <span class="tag warn">
            paused until {pausedUntilMs === 'resumed' ? 'it is resumed' : <Time atMs={pausedUntilMs} />}
          </span>
        </>
      )}
      {limit !== undefined && (
        <>
          {' '}
          <span class="tag warn">at most {rateText(limit)} a second</span>
        </>
      )}
    </>
  );
}
