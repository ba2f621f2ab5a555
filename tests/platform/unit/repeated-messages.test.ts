import { beforeEach, describe, expect, test } from '@jest/globals';
import { createRandom } from '../../../emulator/random.ts';
import type { IncomingRecord } from '../../../lib/platform/incoming-record.ts';
import { prepareForCrash } from '../../../lib/platform/repeated-messages.ts';
import { createBench, START_MS } from '../../support/memory-bench.ts';

const QUEUE = 'https://sqs.eu-west-1.amazonaws.com/000000000000/interactive';
const LEFT_MS = 60_000;

let bench: ReturnType<typeof createBench>;
beforeEach(() => {
  bench = createBench();
});

/** A message that has been received this many times. Its id and receipt handle contain that number. */
function received(times: number): IncomingRecord {
  const attributes = { ApproximateReceiveCount: times, SentTimestamp: START_MS };
  return bench.record('', { messageId: `m${times}`, receiptHandle: `r${times}`, attributes });
}

async function prepare(times: number[], url: string | null = QUEUE, random = createRandom(1)) {
  const services = { ...bench.services, random };
  const context = { getRemainingTimeInMillis: () => LEFT_MS };
  await prepareForCrash(times.map(received), url ?? undefined, context, services);
  return bench
    .callsOf('ChangeMessageVisibilityBatch')
    .flatMap(({ input }) => input.Entries)
    .map(({ ReceiptHandle, VisibilityTimeout }: Record<string, unknown>) => [ReceiptHandle, VisibilityTimeout]);
}

describe('a batch in which a message was received again and again', () => {
  test('has a log line with these messages', async () => {
    await prepare([1, 4, 3, 9]);
    const messages = [
      { messageId: 'm4', receiveCount: 4 },
      { messageId: 'm9', receiveCount: 9 },
    ];
    expect(bench.lines).toEqual([
      expect.objectContaining({ level: 'info', text: 'Messages were received repeatedly', fields: { messages } }),
    ]);
  });

  test('leaves the message with the most receives as it is, and returns each other message at its own time', async () => {
    const returning = await prepare([1, 9, 4]);
    expect(returning.map(([handle]: unknown[]) => handle)).toEqual(['r4', 'r1']);
    expect(new Set(returning.map(([, seconds]: unknown[]) => seconds)).size).toBe(2);
  });

  test.each([
    ['not before the invocation is certainly over', 0, 72],
    ['well before the visibility timeout of six minutes', 1, 180],
  ])('returns the others %s', async (_what, random, seconds) => {
    expect(await prepare([3, 4], QUEUE, () => random)).toEqual([['r3', seconds]]);
  });

  // After 239 receives, a message is a dead letter. docs/operations.md says that this takes a day.
  test.each([
    [0, 360],
    [1, 540],
  ])(
    'returns other repeated messages after at least the visibility timeout of six minutes (%d)',
    async (random, seconds) => {
      expect(await prepare([4, 5], QUEUE, () => random)).toEqual([['r4', seconds]]);
    },
  );

  test('of dead letters, whose queue the function does not know, has only the log line', async () => {
    expect(await prepare([1, 4], null)).toEqual([]);
    expect(bench.lines).toHaveLength(1);
  });

  test('that consists of this message alone makes no call', async () => {
    await prepare([4]);
    expect(bench.calls).toEqual([]);
  });
});

test.each([[[1, 2, 3]], [[]]])('a batch with the receive counts %j is not touched', async (times) => {
  expect(await prepare(times)).toEqual([]);
  expect(bench.lines).toEqual([]);
});
