import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Lane } from '../contract/lanes.ts';

/** What is measured while requests are worked on; docs/operations.md says what each metric tells. */
export interface Meter {
  /** A CreateRoom got its slot, after so long a wait, at this rate (calls a second) of the region. */
  noteSlot(slot: { region: string; waitedMs: number; rate: number }): void;
  countThrottle(region: string): void;
  /** A request was turned away because the region's breaker is open. */
  countBreakerOpen(region: string): void;
  /** A stored slot was so far ahead that a wrong clock must have written it. */
  countPulledBack(region: string): void;
  countPublishFailure(): void;
  /** A request got its completion so long after it arrived in its queue. */
  noteAnswer(answer: { lane: Lane; sinceArrivalMs: number }): void;
  /** The age of the oldest request of a batch. */
  noteOldest(lane: Lane, ageMs: number): void;
  /** Writes what was measured since the last time, as lines of the embedded metric format. */
  publish(): void;
}

const NAMESPACE = 'greenroom';
const SECONDS_PER_MINUTE = 60;

/**
 * Metrics by way of the function's log, which costs no call. Those of a region have its name as a dimension, those of a lane
 * its name, the others only the stage.
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
  // Made at cold start, so that a wrong setting of Powertools is found then and not in the midst of a request.
  measured({});

  return {
    noteSlot({ region, waitedMs, rate }) {
      const metrics = measured({ region });
      metrics.addMetric('SlotWait', MetricUnit.Milliseconds, waitedMs);
      metrics.addMetric('Rate', MetricUnit.CountPerSecond, rate);
      // Each call is so much of a minute's quota: the sum over one minute is the share of the quota that was used.
      metrics.addMetric('QuotaUsed', MetricUnit.Percent, 100 / callsPerMinute);
    },
    countThrottle: (region) => measured({ region }).addMetric('Throttles', MetricUnit.Count, 1),
    countBreakerOpen(region) {
      // Once for people who look at a region, and once for the alarm, which is one for all of them.
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
