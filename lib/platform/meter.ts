import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { FailureReason } from '../contract/completion.ts';
import type { Lane } from '../contract/lanes.ts';
import { openMetricLines } from './metric-lines.ts';

/** The metrics of the functions that handle room requests. docs/operations.md explains each metric. */
export interface Meter {
  /** A CreateRoom got its slot after `waitedMs`. `rate`: the region's rate at that time, in calls a second. */
  noteSlot(slot: { region: string; waitedMs: number; rate: number }): void;
  countThrottle(region: string): void;
  /** A request was turned away because the region's breaker is open. */
  countBreakerOpen(region: string): void;
  /** A breaker that turned a request away has been open for this time. */
  noteBreakerAge(ageMs: number): void;
  /** A stored slot was so far ahead that a wrong clock must have written it. */
  countPulledBack(region: string): void;
  countPublishFailure(): void;
  /** A request failed, and its completion was published. */
  countFailure(reason: FailureReason): void;
  /** A request got its completion. `sinceArrivalMs`: the time since it arrived in its queue. */
  noteCompletion(completion: { lane: Lane; sinceArrivalMs: number }): void;
  /** Notes the age of the oldest request of a batch. */
  noteOldest(lane: Lane, ageMs: number): void;
  /** Writes the measurements since the last call, as lines in the embedded metric format. */
  publish(): void;
}

const SECONDS_PER_MINUTE = 60;
const { Count, CountPerSecond, Milliseconds, Percent } = MetricUnit;

/**
 * Writes metrics to the function's log. All metrics have the stage as a dimension. Metrics of a region or a lane also have the name of that
 * region or lane as a dimension.
 */
export function createMeter({ stage, callsPerSecond }: { stage: string; callsPerSecond: number }): Meter {
  const { add, publish } = openMetricLines(stage);
  const callsPerMinute = callsPerSecond * SECONDS_PER_MINUTE;
  const countOne = (dimensions: Record<string, string>, name: string) =>
    add(dimensions, { name, unit: Count, value: 1 });

  return {
    noteSlot({ region, waitedMs, rate }) {
      add({ region }, { name: 'SlotWait', unit: Milliseconds, value: waitedMs });
      add({ region }, { name: 'Rate', unit: CountPerSecond, value: rate });
      // One call's share of a minute's quota. The sum over one minute is the share of the quota that was used.
      add({ region }, { name: 'QuotaUsed', unit: Percent, value: 100 / callsPerMinute });
    },
    countThrottle: (region) => countOne({ region }, 'Throttles'),
    countBreakerOpen: (region) => countOne({ region }, 'BreakerOpen'),
    noteBreakerAge: (ageMs) => add({}, { name: 'BreakerAge', unit: Milliseconds, value: ageMs }),
    countPulledBack: (region) => countOne({ region }, 'PacePulledBack'),
    countPublishFailure: () => countOne({}, 'PublishFailures'),
    countFailure: (reason) => countOne({ reason }, 'Failures'),
    noteCompletion: ({ lane, sinceArrivalMs }) =>
      add({ lane }, { name: 'RequestToCompletion', unit: Milliseconds, value: sinceArrivalMs }),
    noteOldest: (lane, ageMs) => add({ lane }, { name: 'OldestRequestAge', unit: Milliseconds, value: ageMs }),
    publish,
  };
}
