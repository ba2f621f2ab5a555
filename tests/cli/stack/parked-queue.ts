import {
  CreateQueueCommand,
  type MessageAttributeValue,
  PurgeQueueCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Deployment } from '../../../client/deployment.ts';
import { type ParkedMessage, readParkedMessage } from '../../../client/operate/parked-message.ts';
import type { ParkedNote } from '../../../lib/contract/parked-note.ts';
import { queueAttributes, receive, until } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';

export const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:000000000000:greenroom-local-';

/** The parked queue of a stack. Tests put messages into it and examine it without the command line. */
export type ParkedQueueUnderTest = Awaited<ReturnType<typeof openParkedQueueUnderTest>>;

export async function openParkedQueueUnderTest(deployment: Deployment) {
  const { sqs } = deployment;
  const url = await deployment.queueUrl('parked');

  /** How many messages are visible, and how many are in flight. */
  async function counts(): Promise<{ visible: number; hidden: number }> {
    const attributes = await queueAttributes(sqs, url);
    return {
      visible: Number(attributes.ApproximateNumberOfMessages),
      hidden: Number(attributes.ApproximateNumberOfMessagesNotVisible),
    };
  }

  async function untilVisible(count: number): Promise<void> {
    await until(async () => ((await counts()).visible === count ? true : undefined));
  }

  return {
    url,
    counts,
    untilVisible,

    /** Parks a message as the service does. @returns its id */
    park(body: string, note: object = {}): Promise<string> {
      const whole = {
        reason: 'unparseable',
        detail: 'has no readable key',
        sourceQueue: `${QUEUE_ARN}interactive`,
        messageId: 'm-1',
        sentAt: '2026-01-01T00:00:00.000Z',
        receiveCount: 3,
        isFromRoster: false,
        parkedAt: '2026-01-01T00:00:05.000Z',
        originalAttributes: {},
        ...note,
      };
      const attribute = { DataType: 'String', StringValue: JSON.stringify(whole) };
      return sendTo(deployment, url, body, { 'greenroom-parked': attribute });
    },

    /** Waits for the only message, and leaves it in the queue. */
    async theOnly(): Promise<ParkedMessage & { note: ParkedNote }> {
      await untilVisible(1);
      const [message] = await receive(sqs, url, { visibilityTimeoutSeconds: 0 });
      const { note, ...rest } = readParkedMessage(must(message));
      return { ...rest, note: must(note) };
    },

    purge: () => sqs.send(new PurgeQueueCommand({ QueueUrl: url })),
  };
}

/** The parked queue of a stage that has no other queue. */
export async function openOnlyParkedQueue(deployment: Deployment, stage: string): Promise<ParkedQueueUnderTest> {
  const command = new CreateQueueCommand({ QueueName: `greenroom-${stage}-parked` });
  const { QueueUrl } = await deployment.sqs.send(command);
  return openParkedQueueUnderTest({ ...deployment, queueUrl: async () => must(QueueUrl) });
}

/** @returns the message's id */
export async function sendTo(
  { sqs }: Deployment,
  url: string,
  body: string,
  attributes: Record<string, MessageAttributeValue> = {},
): Promise<string> {
  const command = new SendMessageCommand({ QueueUrl: url, MessageBody: body, MessageAttributes: attributes });
  return must((await sqs.send(command)).MessageId);
}
