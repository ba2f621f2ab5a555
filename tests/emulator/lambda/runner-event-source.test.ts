import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import type { EventSourceMapping } from '../../../emulator/lambda/definitions.ts';
import { type EventSource, type EventSourceOptions, startEventSource } from '../../../emulator/lambda/event-source.ts';
import type { InvocationResult } from '../../../emulator/lambda/execution-environment.ts';
import { createRandom } from '../../../emulator/random.ts';
import {
  createQueue,
  openGateway,
  queueAttributes,
  receiveAll,
  type Stack,
  sendAll,
  type TestQueue,
  uniqueName,
  until,
} from '../../support/gateway-clients.ts';
import { createArtifacts, openFunction } from '../../support/packaged-function.ts';

const eventSchema = z.object({ Records: z.array(z.looseObject({ messageId: z.string(), body: z.string() })) });

const artifacts = createArtifacts();
const sources: EventSource[] = [];
let stack: Stack;
beforeAll(async () => {
  stack = await openGateway();
});
afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.stop()));
});
afterAll(async () => {
  artifacts.remove();
  await stack.close();
});

/** Polls a queue, and records the deliveries and the errors. */
function poll(
  queue: Pick<TestQueue, 'arn' | 'url'>,
  invoke: EventSourceOptions['invoke'],
  { duplicateRate = 0, ...mapping }: Partial<EventSourceMapping & { duplicateRate: number }> = {},
) {
  const batches: string[][] = [];
  const errors: unknown[] = [];
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
      async invoke(event) {
        batches.push(eventSchema.parse(event).Records.map(({ body }) => body));
        return invoke(event);
      },
      duplicateRate,
      random: createRandom(1),
      onError: (error) => errors.push(error),
    },
  );
  sources.push(source);
  return { source, batches, errors };
}

const done: InvocationResult = { kind: 'ok', payload: null };
const failAll = async (event: unknown): Promise<InvocationResult> => ({
  kind: 'ok',
  payload: {
    batchItemFailures: eventSchema.parse(event).Records.map(({ messageId }) => ({ itemIdentifier: messageId })),
  },
});
const numbered = (count: number) => Array.from({ length: count }, (_, index) => ({ body: String(index) }));

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
    return waiting + inFlight === 0 || undefined;
  });

test('no batch is larger than the batch size, and every message is in a batch', async () => {
  const queue = await createQueue(stack.sqs);
  await sendAll(stack.sqs, queue.url, numbered(20));
  const { batches } = poll(queue, async () => done, { batchSize: 3 });
  await emptied(queue);
  expect(Math.max(...batches.map(({ length }) => length))).toBe(3);
  expect(batches.flat().sort()).toEqual(
    numbered(20)
      .map(({ body }) => body)
      .sort(),
  );
});

test('without ReportBatchItemFailures, the response of a function is ignored, and all messages are deleted', async () => {
  const queue = await createQueue(stack.sqs);
  await sendAll(stack.sqs, queue.url, numbered(3));
  const { batches } = poll(queue, failAll, { reportBatchItemFailures: false });
  await emptied(queue);
  expect(batches.flat()).toHaveLength(3);
});

test('with a duplicate rate of 1, every message is soon delivered again', async () => {
  const queue = await createQueue(stack.sqs, { VisibilityTimeout: '600' });
  await sendAll(stack.sqs, queue.url, numbered(3));
  const { batches } = poll(queue, async () => done, { duplicateRate: 1 });
  await until(async () => {
    const deliveries = Map.groupBy(batches.flat(), (body) => body);
    return (deliveries.size === 3 && [...deliveries.values()].every(({ length }) => length > 1)) || undefined;
  });
});

test('a message that fails every time is moved to the dead-letter queue after the maximum number of receives', async () => {
  const deadLetters = await createQueue(stack.sqs);
  const queue = await createQueue(stack.sqs, {
    VisibilityTimeout: '0',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: 3 }),
  });
  await sendAll(stack.sqs, queue.url, [{ body: 'poison' }]);
  const { batches } = poll(queue, failAll);
  const [message] = await until(async () => {
    const messages = await receiveAll(stack.sqs, deadLetters.url);
    return messages.length > 0 ? messages : undefined;
  });
  expect(message).toMatchObject({ Body: 'poison', Attributes: { DeadLetterQueueSourceArn: queue.arn } });
  expect(batches).toEqual([['poison'], ['poison'], ['poison']]);
});

test('a message that a poll receives after stop is made visible immediately, and is not handled', async () => {
  const queue = await createQueue(stack.sqs, { VisibilityTimeout: '600' });
  const { source, batches } = poll(queue, async () => done);
  await sendAll(stack.sqs, queue.url, [{ body: 'before' }]);
  await emptied(queue);
  const stopped = source.stop();
  await sendAll(stack.sqs, queue.url, [{ body: 'after' }]);
  await stopped;
  expect(batches).toEqual([['before']]);
  expect(await counts(queue)).toEqual({ waiting: 1, inFlight: 0 });
});

test('an error from the queue is reported, and polling continues', async () => {
  const QueueName = uniqueName('late');
  const url = `${stack.endpoint}/000000000000/${QueueName}`;
  const { batches, errors } = poll({ url, arn: `arn:aws:sqs:eu-west-1:000000000000:${QueueName}` }, async () => done);
  await until(async () => errors.length > 0 || undefined);
  await stack.sqs.send(new CreateQueueCommand({ QueueName }));
  await sendAll(stack.sqs, url, [{ body: 'at last' }]);
  await until(async () => batches.length > 0 || undefined);
  expect(batches).toEqual([['at last']]);
  expect(String(errors[0])).toContain('queue does not exist');
});

test('the message of a killed process returns after its visibility timeout', async () => {
  const queue = await createQueue(stack.sqs, { VisibilityTimeout: '2' });
  const artifact = artifacts.add({
    'index.cjs': `exports.handler = async ({ Records: [{ attributes }] }) => {
      console.log(attributes.ApproximateReceiveCount + ' after ' + (Date.now() - attributes.ApproximateFirstReceiveTimestamp));
      if (attributes.ApproximateReceiveCount === '1') await new Promise(() => setInterval(() => {}, 1000));
    }`,
  });
  const { lambda, lines } = await openFunction(artifact, 'process', { handler: 'index.handler', timeoutSeconds: 60 });
  const results: InvocationResult[] = [];
  poll(queue, async (event) => {
    const result = await lambda.invoke(event);
    results.push(result);
    return result;
  });
  await sendAll(stack.sqs, queue.url, [{ body: 'fatal' }]);
  await until(async () => lines.find((line) => line.startsWith('1 after')));
  for (const pid of lambda.pids()) process.kill(pid, 'SIGKILL');
  await emptied(queue);
  const second = await until(async () => lines.find((line) => line.startsWith('2 after')));
  await lambda.stop();

  expect(results).toEqual([{ kind: 'crashed', reason: 'signal SIGKILL' }, done]);
  expect(Number(second.split(' ').at(-1))).toBeGreaterThanOrEqual(2000);
});
