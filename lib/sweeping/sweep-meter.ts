import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { openMetricLines } from '../platform/metric-lines.ts';

/** The metrics of the sweep. docs/operations.md explains each of them. */
export interface SweepMeter {
  /**
   * Records what a sweep found. `failures`: the number of regions in which it failed. Zeros are recorded too, because they show that the
   * sweep ran.
   */
  noteSweep(sweep: { extraRooms: number; failures: number }): void;
  /** Writes what was measured since the last call, as lines in the embedded metric format. */
  publish(): void;
}

export function createSweepMeter({ stage }: { stage: string }): SweepMeter {
  const { add, publish } = openMetricLines(stage);
  return {
    noteSweep({ extraRooms, failures }) {
      add({}, { name: 'ExtraRooms', unit: MetricUnit.Count, value: extraRooms });
      add({}, { name: 'SweepFailures', unit: MetricUnit.Count, value: failures });
    },
    publish,
  };
}
