import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MAX_IN_FLIGHT } from '../../../emulator/sqs-sns-s3/sqs.ts';
import {
  createQueue,
  openGateway,
  queueAttributes,
  receive,
  type Stack,
  sendAll,
} from '../../support/gateway-clients.ts';

/*
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html:
 * "there can be a maximum of approximately 120,000 in flight messages (received from a queue by a consumer, but not yet deleted from the
 * queue). If you reach this quota while using short polling, Amazon SQS returns the OverLimit error message. If you use long polling,
 * Amazon SQS returns no error messages."
 */

const LIMIT = 12;
let stack: Stack;
beforeAll(async () => {
  stack = await openGateway({ maximumInFlight: LIMIT });
});
afterAll(() => stack.close());

async function queueAtItsLimit() {
  const { url } = await createQueue(stack.sqs, { VisibilityTimeout: '600' });
  await sendAll(
    stack.sqs,
    url,
    Array.from({ length: 20 }, (_, index) => ({ body: String(index) })),
  );
  const first = await receive(stack.sqs, url);
  const second = await receive(stack.sqs, url);
  expect([first.length, second.length]).toEqual([10, 2]);
  return { url, inFlight: [...first, ...second] };
}

test('a queue may have 120,000 messages in flight', () => {
  expect(MAX_IN_FLIGHT).toBe(120_000);
});

test('at the limit, short polling is refused with OverLimit, and no more messages are in flight', async () => {
  const { url } = await queueAtItsLimit();
  await expect(receive(stack.sqs, url)).rejects.toMatchObject({ name: 'OverLimit' });
  expect(await queueAttributes(stack.sqs, url)).toMatchObject({
    ApproximateNumberOfMessages: '8',
    ApproximateNumberOfMessagesNotVisible: String(LIMIT),
  });
});

test('at the limit, long polling returns no messages and no error', async () => {
  const { url } = await queueAtItsLimit();
  const answer = await stack.sqs.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 1 }));
  expect(answer.Messages).toBeUndefined();
});

test('each deleted message makes room for another one, even for a receiver that waits', async () => {
  const { url, inFlight } = await queueAtItsLimit();
  const waiting = stack.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20, MaxNumberOfMessages: 10 }),
  );
  await stack.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: inFlight[0]?.ReceiptHandle }));
  expect((await waiting).Messages).toHaveLength(1);
});
