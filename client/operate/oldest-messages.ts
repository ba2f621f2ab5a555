import type { Deployment, QueueName } from '../deployment.ts';
import { explainError } from '../explain-error.ts';

/** The age of the oldest message of a queue, in seconds. */
export interface OldestMessage {
  queue: QueueName;
  seconds: number;
}

/** `unread`: why CloudWatch could not be read. The rest of the stage can be shown without it. */
export type OldestMessages = { kind: 'read'; queues: OldestMessage[] } | { kind: 'unread'; why: string };

/** SQS sends its metrics once a minute, and CloudWatch may take a few minutes to show them. */
const WINDOW_MS = 10 * 60_000;
const PERIOD_SECONDS = 60;

/**
 * Reads the metric `ApproximateAgeOfOldestMessage` of some queues, with one call of GetMetricData. Queues without a recent value are left
 * out: SQS sends no metrics of a queue that was inactive for six hours.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export async function readOldestMessages(
  { stage, clientSettings, guard }: Pick<Deployment, 'stage' | 'clientSettings' | 'guard'>,
  queues: readonly QueueName[],
  nowMs: number,
): Promise<OldestMessages> {
  // Only the console needs this client, so that other commands start faster.
  const { CloudWatchClient, GetMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
  const cloudWatch = guard(new CloudWatchClient(clientSettings));
  try {
    const command = new GetMetricDataCommand({
      StartTime: new Date(nowMs - WINDOW_MS),
      EndTime: new Date(nowMs),
      ScanBy: 'TimestampDescending',
      MetricDataQueries: queues.map((queue, index) => ({
        Id: `queue${index}`,
        MetricStat: {
          Metric: {
            Namespace: 'AWS/SQS',
            MetricName: 'ApproximateAgeOfOldestMessage',
            Dimensions: [{ Name: 'QueueName', Value: `greenroom-${stage}-${queue}` }],
          },
          Period: PERIOD_SECONDS,
          Stat: 'Maximum',
        },
      })),
    });
    const { MetricDataResults = [] } = await cloudWatch.send(command);
    const found = queues.flatMap((queue, index) => {
      const seconds = MetricDataResults.find(({ Id }) => Id === `queue${index}`)?.Values?.[0];
      return seconds === undefined ? [] : [{ queue, seconds }];
    });
    return { kind: 'read', queues: found };
  } catch (error) {
    return { kind: 'unread', why: explainError(error) };
  } finally {
    cloudWatch.destroy();
  }
}
