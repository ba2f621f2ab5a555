import * as z from 'zod';
import type { DataPoints } from './data-points.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
const lineSchema = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
});

const dimensionSchema = z.string();
const valuesSchema = z.union([z.number().transform((one) => [one]), z.array(z.number())]);

/**
 * Adds the metrics of a log line, as CloudWatch Logs does with the embedded metric format. Each set of dimensions is a separate metric.
 * @param atMs the virtual time of the line. The line itself contains the real time, which is ignored
 */
export function addEmbeddedMetrics(line: string, atMs: number, dataPoints: Pick<DataPoints, 'add'>): void {
  const fields = lineSchema.parse(JSON.parse(line));
  for (const { Namespace: namespace, Dimensions, Metrics } of fields._aws.CloudWatchMetrics) {
    for (const { Name: name } of Metrics) {
      for (const names of Dimensions) {
        const dimensions = Object.fromEntries(names.map((each) => [each, dimensionSchema.parse(fields[each])]));
        for (const value of valuesSchema.parse(fields[name]))
          dataPoints.add({ namespace, name, dimensions }, value, atMs);
      }
    }
  }
}
