import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createQueue,
  openGateway,
  receive,
  receiveAll,
  type Stack,
  sendAll,
  until,
} from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await openGateway();
});
afterAll(() => stack.close());

const numbered = (count: number) => Array.from({ length: count }, (_, index) => ({ body: String(index) }));

describe('the order of delivery', () => {
  async function orderWith(seed: number): Promise<(string | undefined)[]> {
    const seeded = await openGateway({ seed });
    try {
      const { url } = await createQueue(seeded.sqs);
      await sendAll(seeded.sqs, url, numbered(60));
      return (await receiveAll(seeded.sqs, url)).map(({ Body }) => Body);
    } finally {
      await seeded.close();
    }
  }

  test('differs from the order of sending, and is the same for the same seed', async () => {
    const [first, again, other] = [await orderWith(1), await orderWith(1), await orderWith(2)];
    const sent = numbered(60).map(({ body }) => body);
    expect(first).not.toEqual(sent);
    expect(first.toSorted()).toEqual(sent.toSorted());
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test('control: without groups, the last message is not among the first ones', async () => {
    const { url } = await createQueue(stack.sqs);
    await sendAll(stack.sqs, url, [...numbered(200), { body: 'last' }]);
    const firstTwenty = [...(await receive(stack.sqs, url)), ...(await receive(stack.sqs, url))];
    expect(firstTwenty.map(({ Body }) => Body)).not.toContain('last');
  });
});

describe('ReceiveMessage', () => {
  test('returns only the requested attributes', async () => {
    const { url } = await createQueue(stack.sqs);
    await stack.sqs.send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: 'with attributes',
        MessageGroupId: 'tenant',
        MessageAttributes: {
          'a.text': { DataType: 'String', StringValue: 'text' },
          'b.bytes': { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 3]) },
        },
      }),
    );
    const ask = async (names: { MessageAttributeNames?: string[]; MessageSystemAttributeNames?: ['MessageGroupId'] }) =>
      must(
        (await stack.sqs.send(new ReceiveMessageCommand({ QueueUrl: url, VisibilityTimeout: 0, ...names })))
          .Messages?.[0],
      );

    const bare = await ask({});
    expect([bare.Body, bare.Attributes, bare.MessageAttributes]).toEqual(['with attributes', undefined, undefined]);
    const some = await ask({ MessageAttributeNames: ['a.*'], MessageSystemAttributeNames: ['MessageGroupId'] });
    expect(some.Attributes).toEqual({ MessageGroupId: 'tenant' });
    expect(some.MessageAttributes).toEqual({ 'a.text': { DataType: 'String', StringValue: 'text' } });
    const all = await ask({ MessageAttributeNames: ['All'] });
    expect(all.MessageAttributes?.['b.bytes']?.BinaryValue).toEqual(new Uint8Array([1, 2, 3]));
  });

  test('waits for a message with long polling', async () => {
    const { url } = await createQueue(stack.sqs);
    const waiting = stack.sqs.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 }));
    await stack.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'late' }));
    expect((await waiting).Messages?.map(({ Body }) => Body)).toEqual(['late']);
  });

  test('receives nothing for a caller that closed its connection while it waited', async () => {
    const { url } = await createQueue(stack.sqs);
    const hangUp = new AbortController();
    const command = new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 });
    const waiting = stack.sqs.send(command, { abortSignal: hangUp.signal }).catch((error: unknown) => error);
    // The first request was sent earlier, so it is already waiting when this receive returns.
    await receive(stack.sqs, url);
    hangUp.abort();
    await expect(waiting).resolves.toMatchObject({ name: 'AbortError' });
    await receive(stack.sqs, url);

    await stack.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'for the living' }));
    const [message] = await receive(stack.sqs, url);
    expect(message?.Body).toBe('for the living');
    expect(message?.Attributes?.ApproximateReceiveCount).toBe('1');
  });

  test('no longer waits once the gateway has ended all waits, and loses no message', async () => {
    const ending = await openGateway();
    try {
      const { url } = await createQueue(ending.sqs);
      const command = new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 });
      const startedMs = Date.now();
      const waiting = ending.sqs.send(command);
      // The first request was sent earlier, so it is already waiting when this receive returns.
      await receive(ending.sqs, url);
      ending.endWaits();
      expect((await waiting).Messages).toBeUndefined();
      expect((await ending.sqs.send(command)).Messages).toBeUndefined();
      expect(Date.now() - startedMs).toBeLessThan(20_000);
      await ending.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'for the next stack' }));
      expect((await ending.sqs.send(command)).Messages?.[0]?.Body).toBe('for the next stack');
    } finally {
      await ending.close();
    }
  });
});

describe('the visibility timeout', () => {
  test('makes a message visible immediately if it is 0, and keeps the receive count', async () => {
    const { url } = await createQueue(stack.sqs);
    await stack.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'again' }));
    const [first] = await receive(stack.sqs, url);
    expect(await receive(stack.sqs, url)).toEqual([]);
    await stack.sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 0 }),
    );
    const [second] = await receive(stack.sqs, url);
    expect(second?.Attributes?.ApproximateReceiveCount).toBe('2');
    expect(second?.MessageId).toBe(first?.MessageId);
  });

  test('makes a message visible when it ends, unless the message is deleted', async () => {
    const { url } = await createQueue(stack.sqs);
    await stack.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'back soon' }));
    await receive(stack.sqs, url, { visibilityTimeoutSeconds: 1 });
    const back = await until(async () => (await receive(stack.sqs, url))[0]);
    expect(back.Attributes?.ApproximateReceiveCount).toBe('2');
    await stack.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: back.ReceiptHandle }));
    await expect(
      stack.sqs.send(
        new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: back.ReceiptHandle, VisibilityTimeout: 1 }),
      ),
    ).rejects.toMatchObject({ name: 'AWS.SimpleQueueService.MessageNotInflight' });
  });

  test('is refused outside 0 to 43,200 seconds; a batch refuses only the wrong entry', async () => {
    const { url } = await createQueue(stack.sqs);
    await stack.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'held' }));
    const [message] = await receive(stack.sqs, url);
    const ReceiptHandle = message?.ReceiptHandle;
    for (const VisibilityTimeout of [-1, 43_201])
      await expect(
        stack.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout })),
      ).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(receive(stack.sqs, url, { visibilityTimeoutSeconds: 43_201 })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });

    const batch = await stack.sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: url,
        Entries: [
          { Id: 'good', ReceiptHandle, VisibilityTimeout: 60 },
          { Id: 'bad', ReceiptHandle, VisibilityTimeout: 43_201 },
        ],
      }),
    );
    expect(batch.Successful?.map(({ Id }) => Id)).toEqual(['good']);
    expect(batch.Failed?.map(({ Id, Code }) => [Id, Code])).toEqual([['bad', 'InvalidParameterValue']]);
  });

  test('ends at most 12 hours after the receive', async () => {
    const { url } = await createQueue(stack.sqs);
    await stack.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'held' }));
    const [message] = await receive(stack.sqs, url);
    const receivedMs = Date.now();
    const change = (VisibilityTimeout: number) =>
      stack.sqs.send(
        new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout }),
      );
    await until(async () => Date.now() > receivedMs || undefined);
    await expect(change(43_200)).rejects.toThrow('Total VisibilityTimeout');
    await expect(change(43_140)).resolves.toBeDefined();
  });
});
