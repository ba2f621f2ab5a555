import type { RegionNow } from '../../api/now.ts';
import type { RoomRates } from '../recent-rooms.ts';
import { Chart } from './chart.tsx';

/** The quota of CreateRoom per region, unless another limit is known. */
const QUOTA = 5;

/** The new rooms of each busy region over time, with the limit as a dashed line. */
export function PaceChart({ rates, regions }: { rates: RoomRates; regions: readonly RegionNow[] }) {
  const busy = regions.filter(({ region }) => rates.byRegion.has(region));
  const limit = Math.max(...busy.map((region) => region.limit ?? QUOTA));
  const lines = busy.map(({ region }) => ({
    label: region,
    values: rates.byRegion.get(region) ?? [],
    colour: regions.findIndex((each) => each.region === region) + 1,
  }));
  const quota = { label: `limit ${limit}`, values: rates.timesMs.map(() => limit), colour: 8, isDashed: true };
  const figures = lines.map(({ label, values }) => `${label} ${(values.at(-1) ?? 0).toFixed(1)}`).join(', ');
  return (
    <section class="panel">
      <h2>New rooms per second</h2>
      {busy.length === 0 ? (
        <p class="faint">The console has not received the completion of a new room lately.</p>
      ) : (
        <Chart
          timesMs={rates.timesMs}
          series={[...lines, quota]}
          label={`New rooms per second over time; in the last five seconds: ${figures}`}
        />
      )}
    </section>
  );
}
