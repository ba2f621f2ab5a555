/** A metric, as CloudWatch identifies it: the same name with other dimensions is a different metric. */
export interface MetricId {
  namespace: string;
  name: string;
  dimensions: Readonly<Record<string, string>>;
}

export type Statistic = 'Sum' | 'Minimum' | 'Maximum' | 'Average' | 'SampleCount';

interface Bucket {
  sum: number;
  minimum: number;
  maximum: number;
  count: number;
}

export interface DataPoints {
  /** @param atMs the time of the value, which may be earlier than the time at which it is added */
  add(metric: MetricId, value: number, atMs: number): void;
  /**
   * The statistic of the values from `fromMs` (inclusive) to `untilMs` (exclusive); undefined if there are no values. Both times are whole
   * minutes.
   */
  statistic(metric: MetricId, statistic: Statistic, fromMs: number, untilMs: number): number | undefined;
}

const MINUTE_MS = 60_000;

/** Values of metrics by the minute, which is the resolution of all metrics here. */
export function createDataPoints(): DataPoints {
  const series = new Map<string, Map<number, Bucket>>();
  /** The string that identifies each metric. It is cached, because the same metrics are requested repeatedly. */
  const texts = new WeakMap<MetricId, string>();

  function bucketsOf(metric: MetricId): Map<number, Bucket> {
    const text = texts.get(metric) ?? textOf(metric);
    texts.set(metric, text);
    const buckets = series.get(text) ?? new Map<number, Bucket>();
    series.set(text, buckets);
    return buckets;
  }

  return {
    add(metric, value, atMs) {
      const buckets = bucketsOf(metric);
      const minute = Math.floor(atMs / MINUTE_MS);
      const old = buckets.get(minute) ?? { sum: 0, minimum: value, maximum: value, count: 0 };
      buckets.set(minute, {
        sum: old.sum + value,
        minimum: Math.min(old.minimum, value),
        maximum: Math.max(old.maximum, value),
        count: old.count + 1,
      });
    },

    statistic(metric, statistic, fromMs, untilMs) {
      const buckets = bucketsOf(metric);
      if (buckets.size === 0) return undefined;
      const found: Bucket[] = [];
      for (let minute = fromMs / MINUTE_MS; minute < untilMs / MINUTE_MS; minute++) {
        const bucket = buckets.get(minute);
        if (bucket) found.push(bucket);
      }
      return found.length === 0 ? undefined : statistics[statistic](found);
    },
  };
}

const total = (buckets: Bucket[], member: 'sum' | 'count') => buckets.reduce((sum, bucket) => sum + bucket[member], 0);

const statistics: Record<Statistic, (buckets: Bucket[]) => number> = {
  Sum: (buckets) => total(buckets, 'sum'),
  SampleCount: (buckets) => total(buckets, 'count'),
  Average: (buckets) => total(buckets, 'sum') / total(buckets, 'count'),
  Minimum: (buckets) => Math.min(...buckets.map(({ minimum }) => minimum)),
  Maximum: (buckets) => Math.max(...buckets.map(({ maximum }) => maximum)),
};

/** A string that identifies a metric, regardless of the order of its dimensions. */
function textOf({ namespace, name, dimensions }: MetricId): string {
  const pairs = Object.entries(dimensions)
    .map(([key, value]) => `${key}=${value}`)
    .sort();
  return [namespace, name, ...pairs].join(' ');
}
