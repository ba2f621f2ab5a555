import type { QueueWatch } from '../memory-queue.ts';
import type { DataPoints, MetricId } from './data-points.ts';

/** The parts of a queue on which its metrics depend. */
export interface MeasuredQueue {
  name: string;
  counts(): { visible: number; inFlight: number };
}

export interface SqsMetrics extends QueueWatch {
  /** Sends the metrics of the last minute. Call it at the end of every minute. */
  send(queue: MeasuredQueue): void;
}

export interface SqsMetricsSettings {
  nowMs(): number;
  dataPoints: DataPoints;
  /** The time of the last action on the queue before the simulation. */
  lastActionMs: number;
  /** How many real messages a simulated message represents. */
  weight?: number;
}

const ACTIVE_FOR_MS = 6 * 3_600_000;
const WAKES_UP_IN_MS = 15 * 60_000;

/**
 * The metrics that SQS sends for one queue, according to the stricter interpretation of AWS's documentation.
 *
 * "CloudWatch metrics for your Amazon SQS queues are automatically collected and pushed to CloudWatch at one-minute intervals. These
 * metrics are gathered on all queues that meet the CloudWatch guidelines for being active. CloudWatch considers a queue to be active for up
 * to six hours if it contains any messages or if any action accesses it. Note: A delay of up to 15 minutes occurs in CloudWatch metrics
 * when a queue is activated from an inactive state."
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
 *
 * A queue is therefore active for six hours after an action, regardless of its content, and sends nothing for the first 15 minutes after a
 * longer pause. Messages are counted at the end of the minute. Visible are those "available for retrieval", and in flight are those that
 * "have been sent to a client but have not yet been deleted or have not yet reached the end of their visibility window".
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export function createSqsMetrics({ nowMs, dataPoints, weight = 1, ...before }: SqsMetricsSettings): SqsMetrics {
  let { lastActionMs } = before;
  let wokenAtMs = Number.NEGATIVE_INFINITY;
  let received = 0;

  return {
    onAction(count) {
      if (nowMs() - lastActionMs > ACTIVE_FOR_MS) wokenAtMs = nowMs();
      lastActionMs = nowMs();
      received += count;
    },
    send({ name, counts }) {
      const [receivedNow, { visible, inFlight }] = [received, counts()];
      received = 0;
      const isActive = nowMs() - lastActionMs <= ACTIVE_FOR_MS && nowMs() - wokenAtMs > WAKES_UP_IN_MS;
      if (!isActive) return;
      const metric = (each: string): MetricId => ({
        namespace: 'AWS/SQS',
        name: each,
        dimensions: { QueueName: name },
      });
      const atMs = nowMs() - 1;
      dataPoints.add(metric('NumberOfMessagesReceived'), receivedNow * weight, atMs);
      dataPoints.add(metric('ApproximateNumberOfMessagesVisible'), visible * weight, atMs);
      dataPoints.add(metric('ApproximateNumberOfMessagesNotVisible'), inFlight * weight, atMs);
    },
  };
}
