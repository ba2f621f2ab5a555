import { randomBytes } from 'node:crypto';
import { SubscribeCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  type Message,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Completion } from '../lib/contract/completion.ts';
import type { ReleaseEvent } from '../lib/contract/release-event.ts';
import type { RosterEvent } from '../lib/contract/roster-event.ts';
import { parseCompletion } from './api/parse-completion.ts';
import type { Deployment } from './deployment.ts';

const LONG_POLL_SECONDS = 20;
const MAX_RECEIVED = 10;
const TEMPORARY_RETENTION_SECONDS = 3_600;

export interface DeliveredCompletion {
  completion: Completion;
  /** The SNS message attributes: `lane`, `tenant`, `correlationId` and so on. */
  attributes: Record<string, string>;
}

export interface CompletionFeed {
  /**
   * Yields every completion that is published after the subscription, at least once and in no particular order, until the signal is
   * aborted. A message is deleted from the queue when all messages that were received with it have been consumed.
   * @throws SQS's error
   */
  completions(signal: AbortSignal): AsyncGenerator<DeliveredCompletion>;
}

export interface FeedSettings {
  /**
   * The name of a queue to use. The queue and its subscription are kept at the end. Default: a temporary queue, which is removed at the end
   */
  keptQueueName?: string;
  /** Called for each message that this version cannot read as a completion. The feed skips it. */
  onUnreadable: (problem: string) => void;
  /** Called for the events of bulk jobs and live events, which are published on the same topic. By default these events are ignored */
  onRosterEvent?: (event: RosterEvent) => void;
  /** Called for the events about releases, which are published on the same topic. By default these events are ignored */
  onReleaseEvent?: (event: ReleaseEvent) => void;
}

/** A queue subscribed to the completion topic. */
interface SubscribedQueue {
  queueUrl: string;
  subscriptionArn: string | undefined;
}

/**
 * Subscribes a queue to the completions of a deployment while `use` runs. A temporary queue and its subscription are removed, no matter how
 * `use` ends. If the process is killed, the tag `greenroom:temporary` shows that the queue may be deleted.
 */
export async function withCompletionFeed<T>(
  deployment: Deployment,
  settings: FeedSettings,
  use: (feed: CompletionFeed) => Promise<T>,
): Promise<T> {
  const queue = await subscribeQueue(deployment, settings.keptQueueName);
  const release = async () => {
    if (settings.keptQueueName === undefined) await removeQueue(deployment, queue);
  };
  const feed: CompletionFeed = {
    completions: (signal) => receiveCompletions(deployment, queue.queueUrl, settings, signal),
  };
  let result: T;
  try {
    result = await use(feed);
  } catch (error) {
    // The user needs to know the first error, not the error of the cleanup.
    await release().catch(() => undefined);
    throw error;
  }
  await release();
  return result;
}

async function subscribeQueue(deployment: Deployment, keptQueueName: string | undefined): Promise<SubscribedQueue> {
  const { stage, sqs, sns } = deployment;
  const topicArn = await deployment.completionTopicArn();
  const queueName = keptQueueName ?? `greenroom-${stage}-watch-${randomBytes(4).toString('hex')}`;
  const queueArn = [...topicArn.split(':').with(2, 'sqs').slice(0, -1), queueName].join(':');
  const { QueueUrl: queueUrl } = await sqs.send(
    new CreateQueueCommand({
      QueueName: queueName,
      Attributes: {
        Policy: JSON.stringify(policyFor(queueArn, topicArn)),
        ...(keptQueueName === undefined && { MessageRetentionPeriod: String(TEMPORARY_RETENTION_SECONDS) }),
      },
      ...(keptQueueName === undefined && { tags: { 'greenroom:temporary': 'true' } }),
    }),
  );
  if (queueUrl === undefined) throw new Error('CreateQueue returned no URL');
  try {
    const { SubscriptionArn } = await sns.send(
      new SubscribeCommand({
        TopicArn: topicArn,
        Protocol: 'sqs',
        Endpoint: queueArn,
        Attributes: { RawMessageDelivery: 'true' },
        ReturnSubscriptionArn: true,
      }),
    );
    return { queueUrl, subscriptionArn: SubscriptionArn };
  } catch (error) {
    // The user needs to know the first error, not the error of the cleanup.
    if (keptQueueName === undefined)
      await removeQueue(deployment, { queueUrl, subscriptionArn: undefined }).catch(() => undefined);
    throw error;
  }
}

/** Only the topic may send to the queue. */
function policyFor(queueArn: string, topicArn: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queueArn,
        Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
      },
    ],
  };
}

async function removeQueue({ sqs, sns }: Deployment, { queueUrl, subscriptionArn }: SubscribedQueue): Promise<void> {
  const removals = [
    subscriptionArn === undefined ? undefined : sns.send(new UnsubscribeCommand({ SubscriptionArn: subscriptionArn })),
    sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl })),
  ];
  // Both removals are tried, even if one fails.
  const failed = (await Promise.allSettled(removals)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

async function* receiveCompletions(
  { sqs }: Deployment,
  queueUrl: string,
  { onUnreadable, onRosterEvent, onReleaseEvent }: FeedSettings,
  signal: AbortSignal,
): AsyncGenerator<DeliveredCompletion> {
  while (!signal.aborted) {
    const messages = await receive(sqs, queueUrl, signal);
    for (const message of messages) {
      const parsed = parseCompletion(message);
      switch (parsed.kind) {
        case 'room-provisioned':
        case 'room-failed':
          yield { completion: parsed.event, attributes: parsed.attributes };
          break;
        case 'room-released':
        case 'release-scheduled':
        case 'release-failed':
          onReleaseEvent?.(parsed.event);
          break;
        case 'unreadable':
          onUnreadable(parsed.problem);
          break;
        case 'unknown-type':
          onUnreadable(`This release does not know the type ${parsed.type}`);
          break;
        default:
          onRosterEvent?.(parsed.event);
      }
    }
    if (messages.length > 0)
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: handlesOf(messages) }));
  }
}

async function receive(sqs: Deployment['sqs'], queueUrl: string, signal: AbortSignal): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: MAX_RECEIVED,
    WaitTimeSeconds: LONG_POLL_SECONDS,
    MessageAttributeNames: ['All'],
  });
  try {
    const { Messages = [] } = await sqs.send(command, { abortSignal: signal });
    return Messages;
  } catch (error) {
    if (signal.aborted) return [];
    throw error;
  }
}

function handlesOf(messages: Message[]) {
  return messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
}
