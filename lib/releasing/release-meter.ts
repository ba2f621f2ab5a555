import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { openMetricLines } from '../platform/metric-lines.ts';

/** The metrics of releases. docs/operations.md explains each of them. */
export interface ReleaseMeter {
  /** Records the releases of one invocation in a region. An overdue time of 0 is recorded too, because it shows that releases are running. */
  noteReleases(releases: { region: string; released: number; denied: number; overdueMs: number }): void;
  countThrottle(region: string): void;
  /** Writes the measurements since the last call, as lines in the embedded metric format. */
  publish(): void;
}

const { Count, Seconds } = MetricUnit;

export function createReleaseMeter({ stage }: { stage: string }): ReleaseMeter {
  const { add, publish } = openMetricLines(stage);
  return {
    noteReleases({ region, released, denied, overdueMs }) {
      add({}, { name: 'ReleaseOverdueSeconds', unit: Seconds, value: Math.round(overdueMs / 1_000) });
      if (released > 0) add({ region }, { name: 'Released', unit: Count, value: released });
      // One metric for all regions, because an alarm cannot search for the regions of a metric. The log line names the region.
      if (denied > 0) add({}, { name: 'ReleaseDenied', unit: Count, value: denied });
    },
    countThrottle: (region) => add({ region }, { name: 'Throttles', unit: Count, value: 1 }),
    publish,
  };
}
