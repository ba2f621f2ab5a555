import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { openMetricLines } from '../platform/metric-lines.ts';

/** The metrics of the sweep. docs/operations.md explains each of them. */
export interface SweepMeter {
  /** Notes what a sweep found. `failures`: in how many regions it failed. Zeros count too: they show that the sweep ran. */
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
