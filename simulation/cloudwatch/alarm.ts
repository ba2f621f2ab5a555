import * as z from 'zod';
import type { DataPoints, MetricId } from './data-points.ts';
import { parseMetricMath } from './metric-math.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

const statisticSchema = z.enum(['Sum', 'Minimum', 'Maximum', 'Average', 'SampleCount']);
const dimensionsSchema = z
  .array(z.object({ Name: z.string(), Value: z.string() }))
  .transform((list) => Object.fromEntries(list.map(({ Name, Value }) => [Name, Value])));
const metricSchema = z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensionsSchema });

const metricStatSchema = z.strictObject({ Metric: metricSchema, Period: z.number(), Stat: statisticSchema });
const querySchema = z.union([
  z.strictObject({ Id: z.string(), ReturnData: z.literal(true), Expression: z.string() }),
  z.strictObject({ Id: z.string(), ReturnData: z.literal(false), MetricStat: metricStatSchema }),
]);

const actionsSchema = z.array(z.unknown()).default([]);
const sharedSchema = z.object({
  AlarmDescription: z.string(),
  EvaluationPeriods: z.number(),
  DatapointsToAlarm: z.number().optional(),
  Threshold: z.number(),
  ComparisonOperator: z.enum(['GreaterThanThreshold', 'LessThanThreshold']),
  TreatMissingData: z.enum(['notBreaching', 'breaching', 'ignore', 'missing']),
  AlarmActions: actionsSchema,
  OKActions: actionsSchema,
  InsufficientDataActions: actionsSchema,
});

/** The properties of an alarm in a template, with all references resolved. Properties that this evaluation does not support are refused. */
export const alarmSchema = z.union([
  sharedSchema.extend({ ...metricSchema.shape, Statistic: statisticSchema, Period: z.number() }).strict(),
  sharedSchema.extend({ Metrics: z.array(querySchema) }).strict(),
]);

export type AlarmProperties = z.infer<typeof alarmSchema>;

export interface Alarm {
  properties: AlarmProperties;
  periodMs: number;
  /** The value of the alarm's metric or expression for one period; undefined if there is none. */
  valueOf(dataPoints: DataPoints, fromMs: number, untilMs: number): number | undefined;
}

export function createAlarm(properties: AlarmProperties): Alarm {
  if (!('Metrics' in properties)) {
    const metric = idOf(properties);
    return {
      properties,
      periodMs: properties.Period * 1000,
      valueOf: (dataPoints, fromMs, untilMs) => dataPoints.statistic(metric, properties.Statistic, fromMs, untilMs),
    };
  }
  const stats = properties.Metrics.flatMap((query) =>
    'MetricStat' in query ? [{ id: query.Id, metric: idOf(query.MetricStat.Metric), ...query.MetricStat }] : [],
  );
  const [expression, ...others] = properties.Metrics.flatMap((query) =>
    'Expression' in query ? query.Expression : [],
  );
  const periods = new Set(stats.map(({ Period }) => Period));
  const [period = 0] = periods;
  if (expression === undefined || others.length > 0) throw new Error('An alarm must have exactly one expression');
  // "Each metric must be using the same period": https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
  if (periods.size !== 1) throw new Error('The metrics of an alarm must have the same period');
  const compute = parseMetricMath(expression);
  return {
    properties,
    periodMs: period * 1000,
    valueOf: (dataPoints, fromMs, untilMs) =>
      compute(
        Object.fromEntries(
          stats.map(({ id, metric, Stat }) => [id, dataPoints.statistic(metric, Stat, fromMs, untilMs)]),
        ),
      ),
  };
}

/** All metrics that an alarm evaluates. */
export function metricsOf({ properties }: Alarm): MetricId[] {
  if (!('Metrics' in properties)) return [idOf(properties)];
  return properties.Metrics.flatMap((query) => ('MetricStat' in query ? idOf(query.MetricStat.Metric) : []));
}

function idOf({ Namespace, MetricName, Dimensions }: z.infer<typeof metricSchema>): MetricId {
  return { namespace: Namespace, name: MetricName, dimensions: Dimensions };
}

/**
 * How many periods CloudWatch reads in addition to those that it evaluates. In AWS's example, CloudWatch reads two more than the three that
 * it evaluates.
 */
const FURTHER_PERIODS = 2;
const MINUTE_MS = 60_000;

/**
 * The state of an alarm at a time, evaluated over the last whole minutes. The window slides: "A sliding window continuously incorporates
 * the most recent data": https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
 */
export function stateAt(alarm: Alarm, dataPoints: DataPoints, nowMs: number, state: AlarmState): AlarmState {
  const { properties, periodMs } = alarm;
  const endMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const length = properties.EvaluationPeriods + FURTHER_PERIODS;
  const points = Array.from({ length }, (_, index) => {
    const untilMs = endMs - (length - 1 - index) * periodMs;
    const value = alarm.valueOf(dataPoints, untilMs - periodMs, untilMs);
    return value === undefined ? undefined : isBreaching(value, properties);
  });
  return judge(points, properties, state);
}

function isBreaching(value: number, { ComparisonOperator, Threshold }: AlarmProperties): boolean {
  return ComparisonOperator === 'GreaterThanThreshold' ? value > Threshold : value < Threshold;
}

type Rule = Pick<AlarmProperties, 'EvaluationPeriods' | 'DatapointsToAlarm' | 'TreatMissingData'>;

/**
 * The state that follows from data points in the order of their times. Each is true if it breaches, and undefined if data is missing. If
 * there are enough data points, the most recent ones count. Otherwise "CloudWatch fills in the missing data points with the result you
 * specified for how to treat missing data, and then evaluates the alarm. However, any real data points in the evaluation range, no matter
 * when they were reported, are included in the evaluation."
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function judge(points: readonly (boolean | undefined)[], rule: Rule, state: AlarmState): AlarmState {
  const { EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods, TreatMissingData } = rule;
  const real = points.filter((point) => point !== undefined).slice(-EvaluationPeriods);
  const breaching = real.filter((point) => point).length;
  const missing = EvaluationPeriods - real.length;
  if (breaching + (TreatMissingData === 'breaching' ? missing : 0) >= DatapointsToAlarm) return 'ALARM';
  const isKnown = missing === 0 || TreatMissingData === 'breaching' || TreatMissingData === 'notBreaching';
  if (isKnown || breaching < real.length) return 'OK';
  if (TreatMissingData === 'ignore') return state;
  // "the oldest evaluated data point is breaching and there aren't any non-breaching data points"
  return points[0] === true ? 'ALARM' : 'INSUFFICIENT_DATA';
}
