import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Lane } from '../contract/lanes.ts';

/** The metrics of the functions. docs/operations.md explains each of them. */
export interface Meter {
  /** A CreateRoom got its slot after `waitedMs`. `rate`: the region's rate at that time, in calls a second. */
  noteSlot(slot: { region: string; waitedMs: number; rate: number }): void;
  countThrottle(region: string): void;
  /** A request was turned away because the region's breaker is open. */
  countBreakerOpen(region: string): void;
  /** A stored slot was so far ahead that a wrong clock must have written it. */
  countPulledBack(region: string): void;
  countPublishFailure(): void;
  /** A request got its completion. `sinceArrivalMs`: the time since it arrived in its queue. */
  noteAnswer(answer: { lane: Lane; sinceArrivalMs: number }): void;
  /** Notes the age of the oldest request of a batch. */
  noteOldest(lane: Lane, ageMs: number): void;
  /** Writes what was measured since the last call, as lines in the embedded metric format. */
  publish(): void;
}

const NAMESPACE = 'greenroom';
const SECONDS_PER_MINUTE = 60;

/**
 * Writes metrics to the function's log, which needs no API call. All metrics have the stage as a dimension. Those of a region or a lane
 * also have its name as a dimension.
 */
export function createMeter({ stage, callsPerSecond }: { stage: string; callsPerSecond: number }): Meter {
  const parts = new Map<string, Metrics>();
  const callsPerMinute = callsPerSecond * SECONDS_PER_MINUTE;

  function measured(dimensions: Record<string, string>): Metrics {
    const id = JSON.stringify(dimensions);
    const metrics = parts.get(id) ?? new Metrics({ namespace: NAMESPACE, defaultDimensions: { stage, ...dimensions } });
    parts.set(id, metrics);
    return metrics;
  }
  // Created at cold start, so that a wrong setting of Powertools fails then, and not during a request.
  measured({});

  return {
    noteSlot({ region, waitedMs, rate }) {
      const metrics = measured({ region });
      metrics.addMetric('SlotWait', MetricUnit.Milliseconds, waitedMs);
      metrics.addMetric('Rate', MetricUnit.CountPerSecond, rate);
      // The share of one call in a minute's quota. The sum over one minute is the used share of the quota.
      metrics.addMetric('QuotaUsed', MetricUnit.Percent, 100 / callsPerMinute);
    },
    countThrottle: (region) => measured({ region }).addMetric('Throttles', MetricUnit.Count, 1),
    countBreakerOpen(region) {
      // Counted twice: with the region for people, and without it for the alarm, which covers all regions.
      for (const dimensions of [{ region }, {}]) measured(dimensions).addMetric('BreakerOpen', MetricUnit.Count, 1);
    },
    countPulledBack: (region) => measured({ region }).addMetric('PacePulledBack', MetricUnit.Count, 1),
    countPublishFailure: () => measured({}).addMetric('PublishFailures', MetricUnit.Count, 1),
    noteAnswer: ({ lane, sinceArrivalMs }) =>
      measured({ lane }).addMetric('RequestToCompletion', MetricUnit.Milliseconds, sinceArrivalMs),
    noteOldest: (lane, ageMs) => measured({ lane }).addMetric('OldestRequestAge', MetricUnit.Milliseconds, ageMs),
    publish() {
      for (const metrics of parts.values()) if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
}
