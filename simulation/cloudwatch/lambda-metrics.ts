import type { DataPoints, MetricId } from './data-points.ts';

export interface Invoked {
  functionName: string;
  startedMs: number;
  durationMs: number;
  /** Whether the function threw, crashed or reached its timeout. */
  failed: boolean;
}

/**
 * The metrics that Lambda sends for functions: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 *
 * "Errors: The number of invocations that result in a function error. […] the timestamp on an error metric reflects when the function was
 * invoked, not when the error occurred." "Duration: The amount of time that your function code spends processing an event", in
 * milliseconds. "Throttles: The number of invocation requests that are throttled. […] Throttled requests and other invocation errors don't
 * count as either Invocations or Errors."
 */
export function createLambdaMetrics(dataPoints: DataPoints) {
  const metric = (functionName: string, name: string): MetricId => ({
    namespace: 'AWS/Lambda',
    name,
    dimensions: { FunctionName: functionName },
  });
  return {
    invoked({ functionName, startedMs, durationMs, failed }: Invoked): void {
      dataPoints.add(metric(functionName, 'Invocations'), 1, startedMs);
      dataPoints.add(metric(functionName, 'Errors'), failed ? 1 : 0, startedMs);
      dataPoints.add(metric(functionName, 'Duration'), durationMs, startedMs);
    },
    throttled(functionName: string, atMs: number): void {
      dataPoints.add(metric(functionName, 'Throttles'), 1, atMs);
    },
  };
}
