import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { openMetricLines } from './metric-lines.ts';

/** The queues without lanes. */
export type MeasuredQueue = 'live-events' | 'manifests' | 'rosters';

/** The metrics of the functions that handle manifests, live events and rosters. docs/operations.md explains each metric. */
export interface QueueMeter {
  /** Notes the age of the oldest message of the queue that should be done by now. */
  noteOldest(queue: MeasuredQueue, ageMs: number): void;
  countPublishFailure(): void;
  /** Notes how many live events have an overdue reminder, even if the number is 0. */
  noteOverdueReminders(events: number): void;
  /** Writes the measurements since the last call, as lines in the embedded metric format. */
  publish(): void;
}

export function createQueueMeter({ stage }: { stage: string }): QueueMeter {
  const { add, publish } = openMetricLines(stage);
  return {
    noteOldest: (queue, ageMs) =>
      add({ queue }, { name: 'OldestRequestAge', unit: MetricUnit.Milliseconds, value: ageMs }),
    countPublishFailure: () => add({}, { name: 'PublishFailures', unit: MetricUnit.Count, value: 1 }),
    noteOverdueReminders: (events) => add({}, { name: 'OverdueReminders', unit: MetricUnit.Count, value: events }),
    publish,
  };
}
