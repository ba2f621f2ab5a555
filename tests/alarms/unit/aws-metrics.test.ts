import { describe, expect, test } from '@jest/globals';
import { createDataPoints } from '../../../simulation/cloudwatch/data-points.ts';
import { addEmbeddedMetrics } from '../../../simulation/cloudwatch/embedded-metrics.ts';
import { createSqsMetrics } from '../../../simulation/cloudwatch/sqs-metrics.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NAME = 'queue';

function openQueue({ sinceActionMs = 0 } = {}) {
  let nowMs = 100 * HOUR_MS;
  const dataPoints = createDataPoints();
  const metrics = createSqsMetrics({ nowMs: () => nowMs, dataPoints, lastActionMs: nowMs - sinceActionMs });
  return {
    metrics,
    /** Lets minutes pass. @returns the number of visible messages in the last minute, according to CloudWatch */
    pass(minutes: number, visible: number): number | undefined {
      for (let minute = 0; minute < minutes; minute++) {
        nowMs += MINUTE_MS;
        metrics.send({ name: NAME, counts: () => ({ visible, inFlight: 0 }) });
      }
      return this.last('ApproximateNumberOfMessagesVisible');
    },
    last: (name: string) =>
      dataPoints.statistic(
        { namespace: 'AWS/SQS', name, dimensions: { QueueName: NAME } },
        'Maximum',
        nowMs - MINUTE_MS,
        nowMs,
      ),
  };
}

describe('the metrics of a queue', () => {
  test('stop six hours after the last action, although the queue has messages', () => {
    const queue = openQueue();
    expect(queue.pass(6 * 60, 1)).toBe(1);
    expect(queue.pass(1, 1)).toBeUndefined();
  });

  test('begin again a quarter of an hour after an action', () => {
    const queue = openQueue({ sinceActionMs: 7 * HOUR_MS });
    queue.metrics.onAction(0);
    expect(queue.pass(15, 1)).toBeUndefined();
    expect(queue.pass(1, 1)).toBe(1);
  });

  test('count receives, which do not appear in the numbers of messages at the end of a minute', () => {
    const queue = openQueue();
    queue.metrics.onAction(3);
    expect(queue.pass(1, 0)).toBe(0);
    expect(queue.last('NumberOfMessagesReceived')).toBe(3);
    queue.pass(1, 0);
    expect(queue.last('NumberOfMessagesReceived')).toBe(0);
  });
});

test('a line in the embedded metric format has a metric for each set of dimensions, and may have several values', () => {
  const dataPoints = createDataPoints();
  const directive = { Namespace: 'n', Dimensions: [['service'], ['service', 'lane']], Metrics: [{ Name: 'Age' }] };
  const line = { _aws: { Timestamp: 1, CloudWatchMetrics: [directive] }, service: 's', lane: 'bulk', Age: [2, 5] };
  addEmbeddedMetrics(JSON.stringify(line), 0, dataPoints);
  const maximum = (dimensions: Record<string, string>) =>
    dataPoints.statistic({ namespace: 'n', name: 'Age', dimensions }, 'Maximum', 0, MINUTE_MS);
  expect([maximum({ service: 's' }), maximum({ lane: 'bulk', service: 's' })]).toEqual([5, 5]);
  expect(maximum({ lane: 'interactive', service: 's' })).toBeUndefined();
});
