import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { createAccountConcurrency } from '../../../emulator/lambda/account-concurrency.ts';
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

const eventSchema = z.object({
  Records: z.array(z.object({ body: z.string(), attributes: z.object({ ApproximateReceiveCount: z.string() }) })),
});
const DONE = { kind: 'ok', payload: null } as const;

const sources: EventSource[] = [];
let stack: Stack;
beforeAll(async () => {
  stack = await openGateway();
});
afterEach(() => Promise.all(sources.splice(0).map((source) => source.stop())));
afterAll(() => stack.close());

/** Starts an event source that receives one message at a time. */
function poll(
  queue: TestQueue,
  invoke: EventSourceOptions['invoke'],
  throttling: NonNullable<EventSourceOptions['throttling']>,
): void {
  const mapping = {
    logicalId: 'Mapping',
    queueArn: queue.arn,
    functionArn: 'arn',
    batchSize: 1,
    batchingWindowSeconds: 0,
  };
  const limits = { maximumConcurrency: 2, reportBatchItemFailures: true, enabled: true };
  const random = createRandom(1);
  const onError = (error: unknown) => {
    throw error;
  };
  const place = { sqs: stack.sqs, queueUrl: queue.url, region: 'eu-west-1' };
  const source = { ...place, invoke, throttling, duplicateRate: 0, random, onError };
  sources.push(startEventSource({ ...mapping, ...limits }, source));
}

const emptied = (queue: TestQueue) =>
  until(async () => {
    const { ApproximateNumberOfMessages: waiting, ApproximateNumberOfMessagesNotVisible: inFlight } =
      await queueAttributes(stack.sqs, queue.url);
    return Number(waiting) + Number(inFlight) === 0 || undefined;
  });

test('the event sources of an account together do not exceed its concurrency, and throttled batches wait', async () => {
  const account = createAccountConcurrency(2);
  let running = 0;
  let mostRunning = 0;
  const receives: number[] = [];
  const queues = [await createQueue(stack.sqs), await createQueue(stack.sqs), await createQueue(stack.sqs)];
  for (const queue of queues) {
    await sendAll(
      stack.sqs,
      queue.url,
      Array.from({ length: 6 }, (_, index) => ({ body: String(index) })),
    );
    const invoke: EventSourceOptions['invoke'] = async (event) => {
      running += 1;
      mostRunning = Math.max(mostRunning, running);
      receives.push(
        ...eventSchema.parse(event).Records.map(({ attributes }) => Number(attributes.ApproximateReceiveCount)),
      );
      await new Promise((resolve) => setTimeout(resolve, 30));
      running -= 1;
      return DONE;
    };
    poll(queue, invoke, { account, visibilityTimeoutMs: 30_000 });
  }
  for (const queue of queues) await emptied(queue);
  expect(mostRunning).toBe(2);
  expect(account.throttles()).toBeGreaterThan(0);
  // A batch that is throttled for less than its visibility timeout costs no receive.
  expect(receives).toEqual(Array.from({ length: 18 }, () => 1));
});

test('a batch that is throttled for the whole visibility timeout is dropped, and delivered again with one more receive', async () => {
  const account = createAccountConcurrency(1);
  const free = Promise.withResolvers<void>();
  const busy = account.run(() => free.promise);
  const queue = await createQueue(stack.sqs, { VisibilityTimeout: '1' });
  await sendAll(stack.sqs, queue.url, [{ body: 'throttled' }]);
  const seen: string[] = [];
  const invoke: EventSourceOptions['invoke'] = async (event) => {
    const { Records } = eventSchema.parse(event);
    seen.push(...Records.map(({ attributes }) => attributes.ApproximateReceiveCount));
    return DONE;
  };
  poll(queue, invoke, { account, visibilityTimeoutMs: 1_000 });
  const seconds = 3;
  await until(async () => account.throttles() > 5 * seconds || undefined, 20_000);
  expect(seen).toEqual([]);
  free.resolve();
  await busy;
  await emptied(queue);
  expect(seen).toHaveLength(1);
  expect(Number(seen[0])).toBeGreaterThan(1);
});
