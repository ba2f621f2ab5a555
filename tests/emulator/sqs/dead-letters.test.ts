import {
  CancelMessageMoveTaskCommand,
  ChangeMessageVisibilityCommand,
  ListMessageMoveTasksCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createQueue,
  openGateway,
  queueAttributes,
  receive,
  receiveAll,
  type Stack,
  sendAll,
  type TestQueue,
  until,
} from '../../support/gateway-clients.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await openGateway();
});
afterAll(() => stack.close());

async function queueWithDeadLetters(maxReceiveCount: number | string) {
  const deadLetters = await createQueue(stack.sqs);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount });
  return { deadLetters, queue: await createQueue(stack.sqs, { RedrivePolicy }) };
}

async function receiveAndGiveBack(queue: TestQueue): Promise<number> {
  const messages = await receive(stack.sqs, queue.url);
  for (const { ReceiptHandle } of messages)
    await stack.sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: queue.url, ReceiptHandle, VisibilityTimeout: 0 }),
    );
  return messages.length;
}

describe('redrive', () => {
  test.each([2, '2'])(
    'moves a message to the dead-letter queue after %j receives, and not earlier',
    async (maximum) => {
      const { queue, deadLetters } = await queueWithDeadLetters(maximum);
      await sendAll(stack.sqs, queue.url, [{ body: 'poison', group: 'tenant' }]);
      expect(await receiveAndGiveBack(queue)).toBe(1);
      expect(await receiveAndGiveBack(queue)).toBe(1);
      expect(await receive(stack.sqs, deadLetters.url)).toEqual([]);
      expect(await receiveAndGiveBack(queue)).toBe(0);

      const [dead] = await receive(stack.sqs, deadLetters.url);
      expect(dead?.Body).toBe('poison');
      expect(dead?.Attributes).toMatchObject({
        DeadLetterQueueSourceArn: queue.arn,
        ApproximateReceiveCount: '3',
        MessageGroupId: 'tenant',
      });
      expect(dead?.Attributes).not.toHaveProperty('SequenceNumber');
    },
  );

  test('does not delay the good messages behind a message that always fails', async () => {
    const { queue } = await queueWithDeadLetters(1);
    await sendAll(stack.sqs, queue.url, [{ body: 'poison' }]);
    expect(await receiveAndGiveBack(queue)).toBe(1);
    await sendAll(stack.sqs, queue.url, [{ body: 'good' }]);
    expect((await receiveAll(stack.sqs, queue.url)).map(({ Body }) => Body)).toEqual(['good']);
  });

  test('records no source for a message that was sent directly to the dead-letter queue', async () => {
    const { deadLetters } = await queueWithDeadLetters(1);
    await sendAll(stack.sqs, deadLetters.url, [{ body: 'sent here' }]);
    const [message] = await receive(stack.sqs, deadLetters.url);
    expect(message?.Attributes).not.toHaveProperty('DeadLetterQueueSourceArn');
  });
});

describe('a forced dead letter', () => {
  const force = (plan: unknown) =>
    fetch(`${stack.endpoint}/_greenroom/sqs/dead-letters`, { method: 'POST', body: JSON.stringify(plan) });

  test('is the next message that would be received, and keeps its source', async () => {
    const { queue, deadLetters } = await queueWithDeadLetters(2);
    expect((await force({ queue: queue.arn.split(':').at(-1) })).status).toBe(200);
    await sendAll(stack.sqs, queue.url, [{ body: 'forced', group: 'tenant' }]);
    expect(await receive(stack.sqs, queue.url)).toEqual([]);
    const [dead] = await receive(stack.sqs, deadLetters.url);
    expect(dead).toMatchObject({ Body: 'forced', Attributes: { DeadLetterQueueSourceArn: queue.arn } });

    await sendAll(stack.sqs, queue.url, [{ body: 'the next message' }]);
    expect((await receiveAll(stack.sqs, queue.url)).map(({ Body }) => Body)).toEqual(['the next message']);
  });

  test('is refused for a queue without a dead-letter queue, and all problems are named', async () => {
    const { deadLetters } = await queueWithDeadLetters(2);
    const refused = await force({ queue: deadLetters.arn.split(':').at(-1), times: 0 });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      problems: [{ path: 'queue', message: expect.stringContaining('has a dead-letter queue') }, { path: 'times' }],
    });
  });
});

describe('a message move task', () => {
  async function withDeadLetters(count: number) {
    const { queue, deadLetters } = await queueWithDeadLetters(1);
    await sendAll(
      stack.sqs,
      queue.url,
      Array.from({ length: count }, (_, index) => ({ body: `dead ${index}`, group: 'tenant' })),
    );
    for (let received = 1; received > 0; ) received = await receiveAndGiveBack(queue);
    const attributes = await queueAttributes(stack.sqs, deadLetters.url);
    expect(attributes.ApproximateNumberOfMessages).toBe(String(count));
    return { queue, deadLetters };
  }

  const newestTask = async (SourceArn: string) =>
    (await stack.sqs.send(new ListMessageMoveTasksCommand({ SourceArn }))).Results?.[0];
  const ended = (SourceArn: string) =>
    until(async () => {
      const task = await newestTask(SourceArn);
      return task?.Status === 'RUNNING' ? undefined : task;
    });

  test('moves dead letters back to their source queues, as new messages', async () => {
    const { queue, deadLetters } = await withDeadLetters(3);
    const { TaskHandle } = await stack.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: deadLetters.arn }));
    expect(TaskHandle).toBeTruthy();
    expect(await ended(deadLetters.arn)).toMatchObject({ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 3 });

    const messages = await receiveAll(stack.sqs, queue.url);
    expect(messages.map(({ Body }) => Body).toSorted()).toEqual(['dead 0', 'dead 1', 'dead 2']);
    expect(messages[0]?.Attributes).toMatchObject({ ApproximateReceiveCount: '1', MessageGroupId: 'tenant' });
    expect(await receive(stack.sqs, deadLetters.url)).toEqual([]);
  });

  test('moves dead letters to another queue if the caller names one', async () => {
    const { deadLetters } = await withDeadLetters(1);
    const elsewhere = await createQueue(stack.sqs);
    await stack.sqs.send(
      new StartMessageMoveTaskCommand({ SourceArn: deadLetters.arn, DestinationArn: elsewhere.arn }),
    );
    await ended(deadLetters.arn);
    expect((await receiveAll(stack.sqs, elsewhere.url)).map(({ Body }) => Body)).toEqual(['dead 0']);
  });

  test('keeps to the requested rate, and can be cancelled', async () => {
    const { deadLetters } = await withDeadLetters(3);
    const SourceArn = deadLetters.arn;
    const start = new StartMessageMoveTaskCommand({ SourceArn, MaxNumberOfMessagesPerSecond: 1 });
    const { TaskHandle } = await stack.sqs.send(start);
    expect(await newestTask(SourceArn)).toMatchObject({ Status: 'RUNNING', ApproximateNumberOfMessagesMoved: 1 });
    await expect(stack.sqs.send(start)).rejects.toMatchObject({ name: 'AWS.SimpleQueueService.UnsupportedOperation' });

    const cancelled = await stack.sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    expect(cancelled.ApproximateNumberOfMessagesMoved).toBe(1);
    expect(await newestTask(SourceArn)).toMatchObject({ Status: 'CANCELLED' });
    expect(await receiveAll(stack.sqs, deadLetters.url)).toHaveLength(2);
  });

  test('is refused for a queue that is not a dead-letter queue', async () => {
    const queue = await createQueue(stack.sqs);
    await expect(stack.sqs.send(new StartMessageMoveTaskCommand({ SourceArn: queue.arn }))).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });
});
