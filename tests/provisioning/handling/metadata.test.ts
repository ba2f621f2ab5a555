import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Bench, createBench } from '../../support/memory-bench.ts';

const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' } };
const OTHER = { ...REQUEST, room: { name: 'studio' } };

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const send = (body: object) => bench.handle(bench.record(body));
const published = () => bench.messaging.published.map(({ attributes }) => attributes.metadata);

describe('the completion has the metadata of the message that it answers:', () => {
  test('each delivery of a stored completion has the metadata of its own message, under the same id', async () => {
    await send({ ...REQUEST, metadata: { order: 1 } });
    await send({ ...REQUEST, metadata: { order: 2 } });
    await send(REQUEST);
    expect(published()).toEqual(['{"order":1}', '{"order":2}', undefined]);
    const [first, ...others] = bench.completions();
    expect(others).toEqual([first, first]);
    expect(bench.callsOf('CreateRoom')).toHaveLength(1);
  });

  test.each([
    ['a reuse of its key', OTHER],
    ['an invalid request', { ...REQUEST, room: 5 }],
  ])('also %s', async (_case, body) => {
    await send(REQUEST);
    await send({ ...body, metadata: { order: 2 } });
    expect(published()).toEqual([undefined, '{"order":2}']);
    expect(bench.completions().at(-1)).toMatchObject({ data: { outcome: 'failed' } });
  });

  test('a stored failure that another request publishes before it claims the key again has no metadata', async () => {
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'ValidationException' } });
    await bench.crash(bench.record({ ...REQUEST, metadata: { order: 1 } }), 'Publish');
    bench.pass(120_000);
    await send({ ...OTHER, metadata: { order: 2 } });
    expect(published()).toEqual([undefined, '{"order":2}']);
  });
});

test('metadata is in the message attribute only: not in the ledger, the completion or the log', async () => {
  await send({ ...REQUEST, metadata: { order: 'secret-4711' } });
  expect(published()).toEqual(['{"order":"secret-4711"}']);
  for (const place of [bench.stored('key'), bench.completions(), bench.lines, bench.ivsChat.rooms()])
    expect(JSON.stringify(place)).not.toContain('4711');
});
