import type { LoadSample, RegionNow } from '../../api/now.ts';
import { counted, rateText } from '../format.ts';
import { Chart } from './chart.tsx';

/** The highest quota of CreateRoom that a region may have, unless its limit is known. */
const QUOTA = 5;

/** The reserved calls of each busy region over time, with the limit as a dashed line. */
export function PaceChart({ samples, regions }: { samples: readonly LoadSample[]; regions: readonly RegionNow[] }) {
  const busy = regions.filter(({ region }) =>
    samples.some(({ callsPerSecond }) => callsPerSecond[region] !== undefined),
  );
  const limits = busy.map(({ limit }) => limit ?? QUOTA);
  const limit = limits.length === 0 ? QUOTA : Math.max(...limits);
  const lines = busy.map(({ region }) => ({
    label: region,
    values: samples.map(({ callsPerSecond }) => callsPerSecond[region] ?? 0),
    colour: regions.findIndex((each) => each.region === region) + 1,
  }));
  const quota = { label: `limit ${rateText(limit)}`, values: samples.map(() => limit), colour: 8, isDashed: true };
  const last = samples.at(-1);
  const figures = busy.map(({ region }) => `${region} ${rateText(last?.callsPerSecond[region] ?? 0)}`).join(', ');
  return (
    <section class="panel">
      <h2>Calls of CreateRoom per second</h2>
      {busy.length === 0 ? (
        <p class="faint">No calls since this page was opened.</p>
      ) : (
        <Chart
          timesMs={samples.map(({ atMs }) => atMs)}
          series={[...lines, quota]}
          label={`Reserved calls per second over ${counted(samples.length, 'reading')}; now ${figures}`}
        />
      )}
    </section>
  );
}
