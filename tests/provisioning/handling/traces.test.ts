import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Bench, createBench } from '../../support/memory-bench.ts';

const trace = (digit: string) => `00-${digit.repeat(32)}-00f067aa0ba902b7-01`;
const OF_MESSAGE = trace('a');
const OF_EVENT = trace('b');
const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' }, correlationId: 'c' };

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const cloudEvent = (traceparent: unknown, data: object = REQUEST) => ({
  specversion: '1.0',
  id: '1',
  source: '/upstream',
  type: 'greenroom.room.requested.v1',
  traceparent,
  data,
});
const attribute = (stringValue: string) => ({
  messageAttributes: { traceparent: { dataType: 'String', stringValue } },
});
const logged = () => bench.lines.map(({ fields }) => fields.traceparent);
const published = () => bench.messaging.published.map(({ attributes }) => attributes.traceparent);

describe('the trace of a request is in its log line and in the attributes of its completion', () => {
  test.each<[string, object, ReturnType<typeof attribute> | undefined, string]>([
    ['if it is a message attribute', REQUEST, attribute(OF_MESSAGE), OF_MESSAGE],
    ['if it is an extension attribute of a CloudEvent', cloudEvent(OF_EVENT), undefined, OF_EVENT],
    [
      'if it is both: the message attribute, which the last sender set',
      cloudEvent(OF_EVENT),
      attribute(OF_MESSAGE),
      OF_MESSAGE,
    ],
    ['if only the one of the event is valid', cloudEvent(OF_EVENT), attribute('odd'), OF_EVENT],
    ['if the request is invalid', cloudEvent(OF_EVENT, { ...REQUEST, room: 5 }), undefined, OF_EVENT],
    ['if the message has no readable key', {}, attribute(OF_MESSAGE), OF_MESSAGE],
  ])('%s', async (_case, body, changes, expected) => {
    await bench.handle(bench.record(body, changes));
    expect(logged()).toEqual([expected]);
    expect(published()).toEqual([expected]);
  });

  test('and also in the line of a request that waits', async () => {
    bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error: 'PendingVerification' } });
    await bench.handle(bench.record(REQUEST, attribute(OF_MESSAGE)));
    expect(bench.lines).toMatchObject([{ text: 'Message postponed', fields: { traceparent: OF_MESSAGE } }]);
  });
});

describe('the trace changes nothing else', () => {
  test('an invalid one is ignored', async () => {
    await bench.handle(bench.record(cloudEvent({ odd: true }), attribute('odd')));
    expect(bench.completions()).toMatchObject([{ data: { outcome: 'created' } }]);
    expect([...logged(), ...published()]).toEqual([undefined, undefined]);
  });

  test('the same request with another trace, or without one, is a replay with its own trace', async () => {
    await bench.handle(bench.record(REQUEST, attribute(OF_MESSAGE)));
    await bench.handle(bench.record(cloudEvent(OF_EVENT)));
    await bench.handle(bench.record(REQUEST));
    expect(bench.lines.map(({ fields }) => fields.outcome)).toEqual(['created', 'replayed', 'replayed']);
    expect(published()).toEqual([OF_MESSAGE, OF_EVENT, undefined]);
    const [first, ...others] = bench.messaging.published.map(({ body }) => body);
    expect(others).toEqual([first, first]);
    expect(JSON.stringify(bench.stored('key'))).not.toContain(OF_MESSAGE);
  });
});
