import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { openMetricLines } from '../platform/metric-lines.ts';

/** The metrics of the sweep. docs/operations.md explains each of them. */
export interface SweepMeter {
  /**
   * Records the results of a sweep. `failures`: the number of regions in which it failed. Zeros are recorded too, because they show that
   * the sweep ran. The exception is the counts of rooms that should have been released: a deployment without releases needs no metrics for
   * such rooms.
   */
  noteSweep(sweep: { extraRooms: number; overdueRooms: number; survivingRooms: number; failures: number }): void;
  /** Writes the measurements since the last call, as lines in the embedded metric format. */
  publish(): void;
}

export function createSweepMeter({ stage }: { stage: string }): SweepMeter {
  const { add, publish } = openMetricLines(stage);
  return {
    noteSweep({ extraRooms, overdueRooms, survivingRooms, failures }) {
      add({}, { name: 'ExtraRooms', unit: MetricUnit.Count, value: extraRooms });
      if (overdueRooms > 0) add({}, { name: 'OverdueRooms', unit: MetricUnit.Count, value: overdueRooms });
      if (survivingRooms > 0) add({}, { name: 'SurvivingRooms', unit: MetricUnit.Count, value: survivingRooms });
      add({}, { name: 'SweepFailures', unit: MetricUnit.Count, value: failures });
    },
    publish,
  };
}
