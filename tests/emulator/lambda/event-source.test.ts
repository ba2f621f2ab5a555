import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import type { EventSourceMapping } from '../../../emulator/lambda/definitions.ts';
import { type EventSource, type EventSourceOptions, startEventSource } from '../../../emulator/lambda/event-source.ts';
import { createRandom } from '../../../emulator/random.ts';
import {
  createQueue,
  openGateway,
  queueAttributes,
  type Stack,
  sendAll,
  type TestQueue,
  until,
} from '../../support/gateway-clients.ts';
import { createArtifacts, openFunction } from '../../support/packaged-function.ts';

const eventSchema = z.object({ Records: z.array(z.looseObject({ messageId: z.string(), body: z.string() })) });
type Invoke = EventSourceOptions['invoke'];

const artifacts = createArtifacts();
const sources: EventSource[] = [];
const errors: unknown[] = [];
let stack: Stack;
beforeAll(async () => {
  stack = await openGateway();
});
afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.stop()));
  expect(errors.splice(0)).toEqual([]);
});
afterAll(async () => {
  artifacts.remove();
  await stack.close();
});

function poll(
  queue: TestQueue,
  invoke: Invoke,
  mapping: Partial<EventSourceMapping> = {},
  duplicateRate = 0,
): EventSource {
  const source = startEventSource(
    {
      logicalId: 'Mapping',
      queueArn: queue.arn,
      functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:sample',
      batchSize: 10,
      batchingWindowSeconds: 0,
      maximumConcurrency: 2,
      reportBatchItemFailures: true,
      enabled: true,
      ...mapping,
    },
    {
      sqs: stack.sqs,
      queueUrl: queue.url,
      region: 'eu-west-1',
      invoke,
      duplicateRate,
      random: createRandom(1),
      onError: (error) => errors.push(error),
    },
  );
  sources.push(source);
  return source;
}

const bodiesOf = (event: unknown) => eventSchema.parse(event).Records.map(({ body }) => body);
const numbered = (count: number) => Array.from({ length: count }, (_, index) => ({ body: String(index) }));

/** How many messages in a queue are waiting, and how many are in flight. */
async function counts(queue: TestQueue) {
  const attributes = await queueAttributes(stack.sqs, queue.url);
  return {
    waiting: Number(attributes.ApproximateNumberOfMessages),
    inFlight: Number(attributes.ApproximateNumberOfMessagesNotVisible),
  };
}
const emptied = (queue: TestQueue) =>
  until(async () => {
    const { waiting, inFlight } = await counts(queue);
    return waiting + inFlight === 0 ? true : undefined;
  });

test('a function gets each message in the form that Lambda uses', async () => {
  const queue = await createQueue(stack.sqs);
  const events: unknown[] = [];
  const sent = await stack.sqs.send(
    new SendMessageCommand({
      QueueUrl: queue.url,
      MessageBody: 'hello',
      MessageGroupId: 'tenant',
      MessageAttributes: {
        text: { DataType: 'String', StringValue: 'a' },
        number: { DataType: 'Number.int', StringValue: '7' },
        bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(1, 2, 255) },
      },
    }),
  );
  poll(queue, async (event) => {
    events.push(event);
    return { kind: 'ok', payload: null };
  });
  await emptied(queue);
  const lists = { stringListValues: [], binaryListValues: [] };
  const epochMs = expect.stringMatching(/^\d{13}$/);
  expect(events).toEqual([
    {
      Records: [
        {
          messageId: sent.MessageId,
          receiptHandle: expect.any(String),
          body: 'hello',
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: epochMs,
            SenderId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
            ApproximateFirstReceiveTimestamp: epochMs,
            MessageGroupId: 'tenant',
          },
          messageAttributes: {
            text: { dataType: 'String', stringValue: 'a', ...lists },
            number: { dataType: 'Number.int', stringValue: '7', ...lists },
            bytes: { dataType: 'Binary', binaryValue: 'AQL/', ...lists },
          },
          md5OfMessageAttributes: sent.MD5OfMessageAttributes,
          md5OfBody: sent.MD5OfMessageBody,
          eventSource: 'aws:sqs',
          eventSourceARN: queue.arn,
          awsRegion: 'eu-west-1',
        },
      ],
    },
  ]);
});

test('for a dead letter, a function gets the source queue and the time of the first receive', async () => {
  const deadLetters = await createQueue(stack.sqs);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: 1 });
  const queue = await createQueue(stack.sqs, { VisibilityTimeout: '0', RedrivePolicy });
  await sendAll(stack.sqs, queue.url, [{ body: 'poison' }]);
  const seen: unknown[] = [];
  const see = async (event: unknown) => {
    seen.push(...eventSchema.parse(event).Records.map(({ attributes }) => attributes));
    return { kind: 'crashed', reason: 'exit code 1' } as const;
  };
  poll(queue, see);
  await until(async () => (seen.length > 0 ? true : undefined));
  poll(deadLetters, see);
  await until(async () => (seen.length > 1 ? true : undefined));
  expect(seen).toMatchObject([
    { ApproximateReceiveCount: '1', ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/) },
    { ApproximateReceiveCount: '2', DeadLetterQueueSourceArn: queue.arn, SenderId: expect.stringMatching(/^AIDA/) },
  ]);
});

test('only failed messages are delivered again, after the visibility timeout', async () => {
  const queue = await createQueue(stack.sqs, { VisibilityTimeout: '1' });
  await sendAll(stack.sqs, queue.url, numbered(5));
  const seen: string[] = [];
  poll(queue, async (event) => {
    const { Records } = eventSchema.parse(event);
    const failed = Records.filter(({ body }) => body === '3' && !seen.includes('3'));
    seen.push(...Records.map(({ body }) => body));
    return {
      kind: 'ok',
      payload: { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) },
    };
  });
  await emptied(queue);
  expect(seen.toSorted()).toEqual(['0', '1', '2', '3', '3', '4']);
});

test.each<[string, Awaited<ReturnType<Invoke>>]>([
  ['an unknown id', { kind: 'ok', payload: { batchItemFailures: [{ itemIdentifier: 'unknown' }] } }],
  ['an error', { kind: 'function-error', error: { name: 'Error', message: 'no' } }],
  ['a crash', { kind: 'crashed', reason: 'exit code 1' }],
])('%s leaves the whole batch in the queue', async (_title, result) => {
  const queue = await createQueue(stack.sqs);
  await sendAll(stack.sqs, queue.url, numbered(3));
  let invocations = 0;
  const source = poll(queue, async () => {
    invocations += 1;
    return result;
  });
  await until(async () => (invocations > 0 ? true : undefined));
  await source.stop();
  expect(await counts(queue)).toEqual({ waiting: 0, inFlight: 3 });
});

test.each([1, 3])(
  'at most %d invocations run concurrently, and no more messages are received than they handle',
  async (maximum) => {
    const queue = await createQueue(stack.sqs);
    await sendAll(stack.sqs, queue.url, numbered(40));
    let running = 0;
    let mostRunning = 0;
    let mostInFlight = 0;
    poll(
      queue,
      async () => {
        running += 1;
        mostRunning = Math.max(mostRunning, running);
        mostInFlight = Math.max(mostInFlight, (await counts(queue)).inFlight);
        await new Promise((resolve) => setTimeout(resolve, 50));
        running -= 1;
        return { kind: 'ok', payload: null };
      },
      { maximumConcurrency: maximum, batchSize: 4 },
    );
    await emptied(queue);
    expect(mostRunning).toBe(maximum);
    expect(mostInFlight).toBeLessThanOrEqual(maximum * 4);
  },
);

test('a batching window collects more messages than one receive returns', async () => {
  const queue = await createQueue(stack.sqs);
  await sendAll(stack.sqs, queue.url, numbered(25));
  const batches: number[] = [];
  poll(
    queue,
    async (event) => {
      batches.push(bodiesOf(event).length);
      return { kind: 'ok', payload: null };
    },
    { batchSize: 20, batchingWindowSeconds: 1, maximumConcurrency: 1 },
  );
  await emptied(queue);
  expect(batches).toEqual([20, 5]);
});

describe('duplicates', () => {
  const deliveries = async (duplicateRate: number) => {
    const queue = await createQueue(stack.sqs, { VisibilityTimeout: '60' });
    await sendAll(stack.sqs, queue.url, numbered(60));
    const seen: string[] = [];
    poll(
      queue,
      async (event) => {
        seen.push(...bodiesOf(event));
        return { kind: 'ok', payload: null };
      },
      {},
      duplicateRate,
    );
    await emptied(queue);
    return seen;
  };

  test('are delivered if they are switched on, and no message is lost', async () => {
    const seen = await deliveries(0.3);
    expect(new Set(seen).size).toBe(60);
    expect(seen.length).toBeGreaterThan(65);
  });

  test('are not delivered in a calm stack', async () => {
    expect(await deliveries(0)).toHaveLength(60);
  });
});

test('stopping waits for the running invocations and receives nothing more', async () => {
  const queue = await createQueue(stack.sqs);
  await sendAll(stack.sqs, queue.url, numbered(2));
  const begun = Promise.withResolvers<void>();
  const mayEnd = Promise.withResolvers<void>();
  const source = poll(
    queue,
    async () => {
      begun.resolve();
      await mayEnd.promise;
      return { kind: 'ok', payload: null };
    },
    { batchSize: 1, maximumConcurrency: 1 },
  );
  await begun.promise;
  const stopped = source.stop();
  mayEnd.resolve();
  await stopped;
  expect(await counts(queue)).toEqual({ waiting: 1, inFlight: 0 });
});

describe.each(['thread', 'process'] as const)('with a packaged function in a %s', (isolation) => {
  test('good messages are done, and a killed batch is delivered again', async () => {
    const queue = await createQueue(stack.sqs, { VisibilityTimeout: '6' });
    await sendAll(stack.sqs, queue.url, [{ body: 'good' }, { body: 'fatal' }, { body: 'slow' }]);
    const artifact = artifacts.add({
      'index.cjs': `exports.handler = async ({ Records: [{ messageId, body, attributes }] }) => {
        const first = attributes.ApproximateReceiveCount === '1';
        if (body === 'fatal' && first) process.exit(1);
        if (body === 'slow' && first) await new Promise(() => setInterval(() => {}, 1000));
        console.log(body);
        return { batchItemFailures: [] };
      }`,
    });
    const { lambda, lines } = await openFunction(artifact, isolation, { handler: 'index.handler', timeoutSeconds: 3 });
    poll(queue, lambda.invoke, { batchSize: 1, maximumConcurrency: 3 });
    await emptied(queue);
    await lambda.stop();
    const done = lines.filter((line) => !line.startsWith('{'));
    expect(done.toSorted()).toEqual(['fatal', 'good', 'slow']);
    expect(lines).toContainEqual(expect.stringContaining('The function ended: exit code 1'));
    expect(lines).toContainEqual(expect.stringContaining('Task timed out after 3 seconds'));
  });
});
