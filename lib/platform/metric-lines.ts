import { Metrics, type MetricUnit } from '@aws-lambda-powertools/metrics';

type Unit = (typeof MetricUnit)[keyof typeof MetricUnit];

export interface Measurement {
  name: string;
  unit: Unit;
  value: number;
}

/** The metrics of one function. They are printed to its log, which needs no API call. */
export interface MetricLines {
  /** @param dimensions in addition to the service and the stage, which all metrics have */
  add(dimensions: Record<string, string>, measurement: Measurement): void;
  /** Prints the measurements that were added since the last call, as lines in the embedded metric format. */
  publish(): void;
}

const NAMESPACE = 'greenroom';

export function openMetricLines(stage: string): MetricLines {
  const parts = new Map<string, Metrics>();

  function metricsOf(dimensions: Record<string, string>): Metrics {
    const id = JSON.stringify(dimensions);
    const metrics = parts.get(id) ?? new Metrics({ namespace: NAMESPACE, defaultDimensions: { stage, ...dimensions } });
    parts.set(id, metrics);
    return metrics;
  }
  // Created at cold start, so that a wrong setting of Powertools fails then, and not during a request.
  metricsOf({});

  return {
    add: (dimensions, { name, unit, value }) => metricsOf(dimensions).addMetric(name, unit, value),
    publish() {
      for (const metrics of parts.values()) if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
}
