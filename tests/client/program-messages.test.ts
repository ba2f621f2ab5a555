import { describe, expect, test } from '@jest/globals';
import type { LiveEventInput } from '../../client/api/live-event-result.ts';
import { messageBody } from '../../client/api/message-body.ts';
import type { ReleaseOptions } from '../../client/api/release-result.ts';
import type { RoomRequestInput } from '../../client/api/request-result.ts';
import { sendCancellation } from '../../client/operate/cancel-live-event.ts';
import { START_MS } from '../support/memory-bench.ts';
import { createProgramBench } from './program-stage.ts';

const HOUR_MS = 3_600_000;
const at = (ms: number) => new Date(START_MS + ms).toISOString();
/** A request as JavaScript passes it, without the checks of the compiler. */
const untyped = (request: object): RoomRequestInput => Object.assign({ idempotencyKey: 'key', room: {} }, request);
const fail = () => {
  throw new Error('no');
};

describe('requestRooms', () => {
  test('sends in batches and in the groups of tenants and regions, and fulfils each request', async () => {
    const { greenroom, messages, calls, work, completions } = createProgramBench();
    const requests = Array.from({ length: 25 }, (_, number) => ({
      idempotencyKey: `key-${number}`,
      room: {},
      ...(number % 2 === 0 && { region: 'us-east-1' as const, tenant: 'sports' }),
    }));
    const results = await greenroom.requestRooms(requests);
    expect(results).toEqual(
      requests.map(({ idempotencyKey }) => ({ kind: 'sent', idempotencyKey, requestedAt: at(0) })),
    );
    expect(calls.map(({ name }) => name)).toEqual(['SendMessageBatch', 'SendMessageBatch', 'SendMessageBatch']);
    const groups = Map.groupBy(messages('interactive'), ({ groupId }) => groupId);
    expect([...groups].map(([group, { length }]) => [group, length])).toEqual([
      ['sports/us-east-1', 13],
      ['default/eu-west-1', 12],
    ]);
    await work();
    expect(completions()).toHaveLength(25);
  });

  test('returns all problems of an invalid request, and sends the others', async () => {
    const { greenroom, bodies } = createProgramBench();
    const results = await greenroom.requestRooms([
      untyped({ idempotencyKey: 'a' }),
      untyped({ idempotencyKey: 'b', room: { name: 'no spaces' }, region: 'mars-1', colour: 'green' }),
    ]);
    expect(results).toMatchObject([
      { kind: 'sent', idempotencyKey: 'a' },
      {
        kind: 'invalid',
        idempotencyKey: 'b',
        problems: [{ path: 'room.name' }, { path: 'region' }, { path: 'colour' }],
      },
    ]);
    expect(bodies('interactive').map(({ idempotencyKey }) => idempotencyKey)).toEqual(['a']);
  });

  test('refuses a request with the key of an earlier one if its room differs, and sends an equal one', async () => {
    const { greenroom, bodies } = createProgramBench();
    const requests = ['a', 'b', 'a'].map((name) => ({ idempotencyKey: 'key', room: { name } }));
    const message = expect.stringMatching(/^is also the key of requests\[0\], which requests a different room/);
    expect(await greenroom.requestRooms(requests)).toMatchObject([
      { kind: 'sent' },
      { kind: 'invalid', idempotencyKey: 'key', problems: [{ path: 'idempotencyKey', message }] },
      { kind: 'sent' },
    ]);
    expect(bodies('interactive').map(({ room }) => room)).toEqual([{ name: 'a' }, { name: 'a' }]);
  });

  test('calls nothing if no request is valid', async () => {
    const { greenroom, calls } = createProgramBench();
    expect(await greenroom.requestRoom(untyped({ idempotencyKey: '' }))).toMatchObject({ kind: 'invalid' });
    expect(await greenroom.requestRooms([])).toEqual([]);
    expect(calls).toEqual([]);
  });

  test.each([
    ['the fields of rosters', { roster: 'r' }, 'roster'],
    ['a reserved key', { idempotencyKey: 'live/a/b' }, 'idempotencyKey'],
    ['a release command', { type: 'Room Release Requested', room: undefined }, 'type'],
  ])('refuses %s', async (_title, request, path) => {
    const { greenroom } = createProgramBench();
    const result = await greenroom.requestRoom(untyped(request));
    expect(result).toMatchObject({ kind: 'invalid', problems: [{ path }] });
  });

  test('uses the lane and the tenant of the program, unless the request names another', async () => {
    const { greenroom, bodies } = createProgramBench({ tenant: 'sports' });
    const requests = [untyped({ idempotencyKey: 'a' }), untyped({ idempotencyKey: 'b', tenant: 'music' })];
    await greenroom.requestRooms(requests, { lane: 'bulk' });
    expect(bodies('bulk').map(({ tenant }) => tenant)).toEqual(['sports', 'music']);
  });

  test.each([undefined, null])('uses the tenant of the program if the tenant of the request is %s', async (tenant) => {
    const { greenroom, work } = createProgramBench({ tenant: 'sports' });
    await greenroom.requestRoom(untyped({ tenant }));
    await work();
    expect(await greenroom.roomFor('key')).toMatchObject({ kind: 'provisioned', tenant: 'sports' });
  });

  test.each([
    ['nothing', undefined],
    ['a member that throws', Object.defineProperty({}, 'room', { enumerable: true, get: fail })],
    ['a method toJSON that throws', { toJSON: fail }],
  ])('sends the other requests if one of them is %s', async (_title, request) => {
    const requests = (other: RoomRequestInput): RoomRequestInput[] => Object.assign([other, other], { 0: request });
    for (const tenant of ['sports', undefined]) {
      const { greenroom } = createProgramBench(tenant === undefined ? {} : { tenant });
      const results = await greenroom.requestRooms(requests(untyped({})));
      expect(results.map(({ kind }) => kind)).toEqual(['invalid', 'sent']);
    }
  });

  test.each(['live-events', 'redrive', 'urgent'])('sends nothing to %s, which is no lane', async (lane) => {
    const { greenroom, calls } = createProgramBench();
    const untypedOptions: ReleaseOptions = Object.assign(Object.create(null), { releaseAt: null, lane });
    await expect(greenroom.requestRoom(untyped({}), untypedOptions)).rejects.toThrow(RangeError);
    await expect(greenroom.release('key', untypedOptions)).rejects.toThrow(RangeError);
    expect(calls).toEqual([]);
  });

  test('rejects if it gets no list, instead of returning no result', async () => {
    const { greenroom } = createProgramBench();
    const single: RoomRequestInput[] = Object.assign(Object.create(null), untyped({}));
    await expect(greenroom.requestRooms(single)).rejects.toThrow(TypeError);
  });

  test('throws the error of a call as it is', async () => {
    const { greenroom, fail } = createProgramBench();
    fail('SendMessageBatch', 10);
    await expect(greenroom.requestRoom(untyped({}))).rejects.toMatchObject({ name: 'OutOfOrder' });
  });
});

describe('waitFor', () => {
  test('finds the room of a request, even if an earlier request with the key has failed', async () => {
    const bench = createProgramBench();
    const { greenroom, work } = bench;
    await greenroom.requestRoom(untyped({ neededBy: at(-HOUR_MS) }));
    await work();
    expect(await greenroom.waitFor('key')).toMatchObject({ kind: 'failed', reason: 'expired' });
    bench.pass(5_000);
    const sent = await greenroom.requestRoom(untyped({}));
    const requestedAt = sent.kind === 'sent' ? sent.requestedAt : '';
    // Without the time of the request, the earlier failure would be taken for the outcome.
    expect(await greenroom.waitFor('key')).toMatchObject({ kind: 'failed' });
    let reads = 0;
    bench.before('GetItem', async () => {
      reads += 1;
      if (reads !== 3) return;
      bench.before('-', () => undefined);
      await work();
    });
    expect(await greenroom.waitFor('key', { requestedAt })).toMatchObject({ kind: 'provisioned', generation: 1 });
  });
});

describe('release', () => {
  test('releases at a time, now, or never, and the last decision wins even within a millisecond', async () => {
    const { greenroom, bodies, work, stored } = createProgramBench();
    await greenroom.requestRoom(untyped({}));
    await work();
    expect(await greenroom.release('key', { releaseAt: at(HOUR_MS) })).toEqual({
      kind: 'sent',
      idempotencyKey: 'key',
      wishedAt: at(0),
    });
    await greenroom.release('key', { releaseAt: null });
    await greenroom.release('key', { releaseAt: 'now' });
    expect(bodies('interactive').map(({ releaseAt, wishedAt }) => [releaseAt, wishedAt])).toEqual([
      [at(HOUR_MS), at(0)],
      [null, at(1)],
      [undefined, at(2)],
    ]);
    await work();
    expect(stored('key')).toMatchObject({ release_at: START_MS + 2, release_wished_at: START_MS + 2 });
  });

  test('for many keys sends batches with the same decision', async () => {
    const { greenroom, callsOf } = createProgramBench({ tenant: 'sports' });
    const results = await greenroom.releaseRooms(['a', 'live/final/b', 'bulk/c'], { releaseAt: at(HOUR_MS) });
    expect(results.map(({ kind }) => kind)).toEqual(['sent', 'sent', 'sent']);
    const [{ input } = { input: {} }, ...more] = callsOf('SendMessageBatch');
    expect([more, input.Entries.length, JSON.parse(input.Entries[0].MessageBody)]).toMatchObject([
      [],
      3,
      { idempotencyKey: 'a', tenant: 'sports', wishedAt: at(0) },
    ]);
  });

  test('takes a text for one key, and not for a list of keys of one character', async () => {
    const { greenroom } = createProgramBench();
    expect(await greenroom.releaseRooms('abc', { releaseAt: 'now' })).toMatchObject([{ idempotencyKey: 'abc' }]);
  });

  test.each(['2026-01-01T01:00:00+01:00', '2026-01-01T00:00:00.000456Z'])(
    'states the time of a decision at %s as the answer does',
    async (wishedAt) => {
      const { greenroom, work, completions } = createProgramBench();
      await greenroom.requestRoom(untyped({}));
      await work();
      const result = await greenroom.release('key', { releaseAt: at(HOUR_MS), wishedAt });
      await work();
      expect(result).toMatchObject({ kind: 'sent', wishedAt: completions().at(-1).data.wishedAt });
    },
  );

  test('without a time deletes nothing, although an absent time means "now" in the contract', async () => {
    const { greenroom, messages } = createProgramBench();
    const options = Object.assign({ releaseAt: null }, { releaseAt: undefined });
    const result = await greenroom.release('key', options);
    expect(result).toMatchObject({ kind: 'invalid', problems: [{ path: 'releaseAt' }] });
    expect(messages('interactive')).toEqual([]);
  });

  test('returns all problems of a command', async () => {
    const { greenroom } = createProgramBench();
    const result = await greenroom.release(' key', { releaseAt: 'tomorrow', correlationId: 'ü' });
    expect(result).toMatchObject({
      kind: 'invalid',
      problems: [{ path: 'releaseAt' }, { path: 'correlationId' }, { path: 'idempotencyKey' }],
    });
  });
});

describe('schedule and cancel', () => {
  const event: LiveEventInput = {
    liveEventId: 'final-2026',
    revision: 1,
    startsAt: at(2 * HOUR_MS),
    rooms: [{ key: 'main', room: {} }],
  };

  test('send a live event to its queue', async () => {
    const { greenroom, bodies, messages } = createProgramBench({ tenant: 'sports' });
    const sent = { kind: 'sent', liveEventId: 'final-2026', revision: 1 };
    expect(await greenroom.schedule(event)).toEqual(sent);
    await greenroom.schedule(Object.assign({ tenant: 'sports' }, event, { tenant: undefined }));
    expect(bodies('live-events')).toEqual([
      { tenant: 'sports', ...event },
      { tenant: 'sports', ...event },
    ]);
    expect(messages('live-events').map(({ groupId }) => groupId)).toEqual(['sports', 'sports']);
  });

  test.each([
    ['an event that has begun', { startsAt: at(-HOUR_MS) }, [{ path: 'startsAt' }]],
    ['all problems', { revision: -1, rooms: [] }, [{ path: 'revision' }, { path: 'rooms' }]],
    ['a cancellation', { type: 'Live Event Cancelled' }, [{ path: 'type' }]],
  ])('refuse %s', async (_title, changes, problems) => {
    const { greenroom, messages } = createProgramBench();
    expect(await greenroom.schedule({ ...event, ...changes })).toMatchObject({ kind: 'invalid', problems });
    expect(messages('live-events')).toEqual([]);
  });
});

test('a cancellation is not sent if greenroom would refuse its revision', async () => {
  const { deployment, calls } = createProgramBench();
  const cancellation = { liveEventId: 'final', revision: Number.MAX_SAFE_INTEGER + 1, tenant: 'default' };
  await expect(sendCancellation(cancellation, deployment)).rejects.toThrow('the highest possible revision');
  expect(calls).toEqual([]);
});

describe('importRooms', () => {
  test.each([
    [
      'a row that is invalid, if all rows must be valid',
      { name: 'a.csv', content: 'key,name\nk,no spaces\n' },
      'row 2',
    ],
    ['a file without rooms', { name: 'a.csv', content: 'key,name\n' }, ''],
    ['a file of another kind', { name: 'a.xlsx', content: '' }, ''],
  ])('uploads nothing for %s', async (_title, file, path) => {
    const { greenroom, calls } = createProgramBench();
    const result = await greenroom.importRooms(file, { allOrNothing: true });
    expect(result).toMatchObject({ kind: 'invalid', problems: [{ path: expect.stringContaining(path) }] });
    expect(calls).toEqual([]);
  });

  test('throws the error of the file system', async () => {
    const { greenroom } = createProgramBench();
    await expect(greenroom.importRooms('no-such-file.csv')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('the body of a message', () => {
  const circular: Record<string, unknown> = {};
  Object.assign(circular, { list: [circular], self: circular });

  test.each([
    ['NaN, which JSON turns into null', { room: { rate: Number.NaN } }, 'room.rate'],
    ['an infinite number', { list: [1, Number.POSITIVE_INFINITY] }, 'list[1]'],
    ['a bigint', { big: 1n }, 'big'],
    ['a function', { call: () => 1 }, 'call'],
    ['a number that loses digits', { long: 2 ** 60 }, 'long'],
    ['an invalid date', { date: new Date('x') }, 'date'],
    ['a promise that is not awaited', { room: Promise.resolve({ name: 'hall' }) }, 'room'],
    ['a map', { room: { tags: new Map([['a', 'b']]) } }, 'room.tags'],
    ['a set', { list: new Set([1]) }, 'list'],
    ['bytes', { bytes: new Uint8Array(1) }, 'bytes'],
    ['a number in an object', { rate: Object(Number.NaN) }, 'rate'],
    ['an undefined element', { list: [1, undefined] }, 'list[1]'],
    ['a hole in a list', { list: new Array(1) }, 'list[0]'],
    ['what toJSON returns', { rate: { toJSON: () => Number.NaN } }, 'rate'],
  ])('has a problem for %s', (_title, message, path) => {
    expect(messageBody(message)).toMatchObject({ kind: 'invalid', problems: [{ path }] });
  });

  test('has a problem for each place where an object contains itself, and none for an object that appears twice', () => {
    const problems = ['list[0]', 'self'].map((path) => ({ path, message: 'contains itself' }));
    expect(messageBody(circular)).toEqual({ kind: 'invalid', problems });
    const shared = { a: 1 };
    expect(messageBody({ first: shared, second: [shared] })).toMatchObject({ kind: 'json' });
  });

  test('has a problem for a value that is nested too deeply to be written', () => {
    const deep = Array.from({ length: 100_000 }).reduce<object>((inner) => ({ inner }), {});
    const problems = [{ message: 'is nested too deeply' }];
    expect(messageBody(deep)).toMatchObject({ kind: 'invalid', problems });
  });

  test('leaves out undefined members, and writes dates in ISO 8601', () => {
    const message = { a: undefined, at: new Date(START_MS), link: new URL('https://example.com/') };
    const body = `{"at":"${at(0)}","link":"https://example.com/"}`;
    expect(messageBody(message)).toEqual({ kind: 'json', body });
  });

  test('accepts the objects of a class, and those without a prototype', () => {
    class Room {
      name = 'hall';
    }
    const message = Object.assign(Object.create(null), { room: new Room() });
    expect(messageBody(message)).toEqual({ kind: 'json', body: '{"room":{"name":"hall"}}' });
  });
});
