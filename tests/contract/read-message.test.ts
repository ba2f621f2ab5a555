import { describe, expect, test } from '@jest/globals';
import { cloudEvent, DAY_MS, DEFAULTS, eventBridge, problems, REQUEST, read, SENT_MS, sns } from './messages.ts';

const EARLIER = '2026-11-02T08:00:00Z';
const EARLIEST = '2026-11-02T09:30:00+02:00';

const WAYS: [string, unknown, object][] = [
  ['bare JSON', REQUEST, { envelope: 'bare', viaSns: false }],
  ['an EventBridge event', eventBridge(REQUEST), { envelope: 'eventbridge', viaSns: false }],
  ['a CloudEvent', cloudEvent({ data: REQUEST }), { envelope: 'cloudevent', viaSns: false }],
  [
    'a CloudEvent with its data in base64',
    cloudEvent({ data_base64: Buffer.from(JSON.stringify(REQUEST)).toString('base64') }),
    { envelope: 'cloudevent', viaSns: false },
  ],
  ['bare JSON over SNS', sns(REQUEST), { envelope: 'bare', viaSns: true }],
  ['an EventBridge event over SNS', sns(eventBridge(REQUEST)), { envelope: 'eventbridge', viaSns: true }],
  ['a CloudEvent over SNS', sns(cloudEvent({ data: REQUEST })), { envelope: 'cloudevent', viaSns: true }],
];

describe('a request', () => {
  test.each(WAYS)('is read from %s', (_, body, expected) => {
    expect(read(body)).toEqual({
      kind: 'request',
      request: { ...REQUEST, tenant: 'default' },
      sentAtMs: SENT_MS,
      askedAtMs: SENT_MS,
      neededByMs: SENT_MS + DAY_MS,
      region: 'eu-west-1',
      ...expected,
    });
  });

  test('may begin with a byte order mark', () => {
    expect(read(`\ufeff${JSON.stringify(REQUEST)}`).kind).toBe('request');
  });

  test('may have its own region and its own neededBy', () => {
    const message = read({ ...REQUEST, region: 'us-east-1', neededBy: '2026-11-03T00:00:00+01:00' });
    expect(message).toMatchObject({ region: 'us-east-1', neededByMs: Date.parse('2026-11-02T23:00:00Z') });
  });

  test.each([
    ['idempotencyKey', 256, '𝒳'.repeat(256)],
    ['idempotencyKey', 1, 'é'],
    ['tenant', 64, 'a_.-'.repeat(16)],
    ['roster', 128, 'a:/-'.repeat(32)],
    ['correlationId', 128, ' ~'.repeat(64)],
  ])('may have a %s of %i characters', (field, _, value) => {
    expect(read({ ...REQUEST, [field]: value })).toMatchObject({ kind: 'request', request: { [field]: value } });
  });

  test.each([
    ['idempotencyKey', ''],
    ['idempotencyKey', '   '],
    ['idempotencyKey', 'a\u0000'],
    ['idempotencyKey', 'a\nb'],
    ['idempotencyKey', 'a\u2028b'],
    ['idempotencyKey', '\ud800'],
    ['idempotencyKey', 'a'.repeat(257)],
    ['idempotencyKey', 5],
    ['tenant', 'a'.repeat(65)],
    ['tenant', 'a b'],
    ['tenant', ''],
    ['roster', 'a'.repeat(129)],
    ['correlationId', 'a'.repeat(129)],
    ['correlationId', 'é'],
    ['correlationId', ''],
    ['neededBy', '2026-11-03T00:00:00'],
    ['neededBy', 'tomorrow'],
    ['neededBy', '2026-02-30T00:00:00Z'],
    ['region', 'eu-west-3'],
  ])('may not have the %s %j', (field, value) => {
    expect(problems({ ...REQUEST, [field]: value }).map((line) => line.split(':')[0])).toContain(field);
  });
});

describe('a text of which JSON.parse drops a part', () => {
  const twice = '{"idempotencyKey":"a","idempotencyKey":"b","room":{}}';
  const longId = '{"idempotencyKey":"k","room":{},"metadata":{"orderId":98765432109876543210}}';
  test.each([
    [twice, 'idempotencyKey'],
    [`{"detail-type":"Room Requested","detail":${twice}}`, 'idempotencyKey'],
    [JSON.stringify(sns(JSON.parse('{}'), { Message: twice })), 'idempotencyKey'],
    [JSON.stringify(cloudEvent({ data_base64: Buffer.from(twice).toString('base64') })), 'idempotencyKey'],
    [longId, 'metadata.orderId'],
  ])('is refused: %s', (body, path) => {
    const found = read(body, { isFromRoster: false });
    expect(found).toMatchObject({
      problems: [{ path, message: expect.stringMatching(/^(appears twice|is 98765432109876543210)/) }],
    });
    // 0.1.0 has read the rest, so the ledger may know its key.
    expect(found).toMatchObject({ kind: 'invalid', acceptedBefore: { kind: 'request' } });
    // greenroom has written the requests of rosters, perhaps from a text that an earlier release has read.
    expect(read(body).kind).toBe('request');
  });

  test('is accepted if only an unused part of the envelope is concerned', () => {
    const body = `{"detail-type":"Room Requested","version":12345678901234567890,"detail":${JSON.stringify(REQUEST)}}`;
    expect(read(body, { isFromRoster: false }).kind).toBe('request');
  });
});

describe('data_base64', () => {
  const encoded = (text: string) => Buffer.from(text, 'latin1').toString('base64');
  test.each([
    [
      'bytes that are not UTF-8',
      { data_base64: encoded('{"idempotencyKey":"na\xefve","room":{}}') },
      'must be JSON in UTF-8',
    ],
    [
      'characters that are not Base64',
      { data_base64: `*${encoded(JSON.stringify(REQUEST))}` },
      'must be JSON in UTF-8',
    ],
    ['a value that is not a text', { data_base64: 5 }, 'must be JSON in UTF-8'],
    ['data beside it', { data_base64: encoded(JSON.stringify(REQUEST)), data: REQUEST }, 'must be left out'],
  ])('with %s is refused, and never changed', (_what, event, problem) => {
    expect(problems(JSON.stringify(cloudEvent(event)))).toEqual([expect.stringContaining(`data_base64: ${problem}`)]);
  });
});

describe('sentAt', () => {
  test.each([
    ['SQS alone', REQUEST, SENT_MS],
    ['EventBridge', eventBridge(REQUEST, { time: EARLIER }), Date.parse(EARLIER)],
    ['a CloudEvent', cloudEvent({ data: REQUEST, time: EARLIER }), Date.parse(EARLIER)],
    ['SNS', sns(REQUEST, { Timestamp: EARLIER }), Date.parse(EARLIER)],
    [
      'SNS after EventBridge',
      sns(eventBridge(REQUEST, { time: EARLIEST }), { Timestamp: EARLIER }),
      Date.parse(EARLIEST),
    ],
    [
      'SNS before EventBridge',
      sns(eventBridge(REQUEST, { time: EARLIER }), { Timestamp: EARLIEST }),
      Date.parse(EARLIEST),
    ],
    ['SQS, because the clock of EventBridge is ahead', eventBridge(REQUEST, { time: '2027-01-01T00:00:00Z' }), SENT_MS],
  ])('is the earliest known time: %s', (_, body, sentAtMs) => {
    expect(read(body)).toMatchObject({ kind: 'request', sentAtMs, neededByMs: SENT_MS + DAY_MS });
  });

  test('is now if SQS states no time', () => {
    const { nowMs } = DEFAULTS;
    const unknown = read(REQUEST, { sentTimestampMs: Number.NaN });
    expect(unknown).toMatchObject({ sentAtMs: nowMs, neededByMs: nowMs + DAY_MS });
  });

  test('is the time at which an operator sends the message back; the operator may also set neededBy', () => {
    const body = eventBridge({ ...REQUEST, neededBy: EARLIER }, { time: EARLIEST });
    const sentAtMs = SENT_MS;
    expect(read(body, { redriven: {} })).toMatchObject({ sentAtMs, neededByMs: Date.parse(EARLIER) });
    const neededByMs = SENT_MS + 9000;
    expect(read(body, { redriven: { neededByMs } })).toMatchObject({ sentAtMs, neededByMs });
    expect(read(eventBridge(REQUEST, { time: EARLIEST }), { redriven: {} })).toMatchObject({
      neededByMs: sentAtMs + DAY_MS,
    });
  });

  test('ignores a time that is invalid, which is a problem of the message', () => {
    expect(read(eventBridge(REQUEST, { time: 'noon' }))).toMatchObject({ kind: 'invalid', sentAtMs: SENT_MS });
    expect(problems(eventBridge(REQUEST, { time: 'noon' }))).toEqual([
      expect.stringMatching(/^time: must be an ISO 8601/),
    ]);
    expect(problems(cloudEvent({ data: REQUEST, time: 5 }))).toEqual([expect.stringMatching(/^time: /)]);
    expect(problems(sns(REQUEST, { Timestamp: '' }))).toEqual([expect.stringMatching(/^Timestamp: /)]);
  });
});

test('a request whose neededBy is more than 7 days ahead is refused with a hint at live events', () => {
  const weekMs = 7 * DAY_MS;
  const neededBy = (ms: number) => ({ ...REQUEST, neededBy: new Date(ms).toISOString() });
  expect(read(neededBy(SENT_MS + weekMs)).kind).toBe('request');
  expect(problems(neededBy(SENT_MS + weekMs + 1))).toEqual([expect.stringMatching(/^neededBy: .* live event/)]);
  expect(problems({ ...neededBy(SENT_MS + weekMs + 1), room: { name: 5 } })).toHaveLength(2);
  expect(read(eventBridge(neededBy(SENT_MS + weekMs), { time: EARLIEST })).kind).toBe('request');
});

describe('a refused message', () => {
  test('with a readable key keeps its other valid fields', () => {
    const fields = { idempotencyKey: 'k', tenant: 'sports', region: 'us-west-2', correlationId: 'c', roster: 'r' };
    expect(read(eventBridge(fields))).toEqual({
      kind: 'invalid',
      ...fields,
      problems: [{ path: 'room', message: 'is required' }],
      sentAtMs: SENT_MS,
    });
    const wrong = { idempotencyKey: 'k', room: {}, tenant: '', region: 'mars', correlationId: 'é', roster: ' ' };
    expect(Object.keys(read(wrong)).sort()).toEqual(['idempotencyKey', 'kind', 'problems', 'sentAtMs']);
  });

  test('names every problem with its path', () => {
    const room = {
      name: 'a b',
      maximumMessageLength: '5',
      topic: 1,
      messageReviewHandler: { url: 'x' },
      tags: { 'x y': 5, ok: 'ok' },
      loggingConfigurationIdentifiers: ['a', 'b', 'c', 'd'],
    };
    expect(problems({ idempotencyKey: 'k', room, regoin: 'eu-west-1', 'needed by': 'x' })).toEqual([
      'room.name: may contain only letters a-z and A-Z, digits, "-" and "_"',
      'room.maximumMessageLength: must be a whole number from 1 to 500, without quotes',
      'room.messageReviewHandler.url: is not a known field: did you mean "uri"?',
      'room.tags["x y"]: value must be a string',
      ...[0, 1, 2, 3].map((index) =>
        expect.stringContaining(`room.loggingConfigurationIdentifiers[${index}]: must be the ARN`),
      ),
      'room.loggingConfigurationIdentifiers: may list at most 3 logging configurations',
      'room.topic: is not a known field: remove it',
      'regoin: is not a known field: did you mean "region"?',
      '["needed by"]: is not a known field: did you mean "neededBy"?',
    ]);
  });

  test.each([
    [{ room: {} }, 'idempotencyKey: is required'],
    [{}, 'room: is required'],
    [5, ': must be an object: the room request'],
    [null, ': must be an object: the room request'],
    [eventBridge(5), 'detail: must be an object: the room request'],
    [eventBridge(undefined), 'detail: must be an object: the room request'],
    [cloudEvent({}), 'data: must be an object: the room request'],
    [{ ...sns(''), Message: {} }, 'Message: must be a string: the published message'],
    [{ Type: 'SubscriptionConfirmation', Message: 'x' }, 'Type: is not a known field: remove it'],
    [JSON.parse('{"__proto__":{"idempotencyKey":"k","room":{}}}'), '__proto__: is not a known field: remove it'],
  ])('without a readable key is unparseable, with the reason: %j', (body, problem) => {
    expect(read(body).kind).toBe('unparseable');
    expect(problems(body)).toContain(problem);
  });

  test.each([
    ['', /^: is not JSON/],
    ['{"idempotencyKey":"k","room":{', /^: is not JSON/],
    [JSON.stringify(sns('{')), /^Message: is not JSON/],
    [JSON.stringify(cloudEvent({ data_base64: 'eyI=' })), /^data_base64: is not JSON/],
  ])('that is not JSON names the place: %s', (body, problem) => {
    expect(read(body).kind).toBe('unparseable');
    expect(problems(body)).toEqual([expect.stringMatching(problem)]);
  });

  test('may be another kind of event; the problem names the expected type', () => {
    expect(problems({ ...eventBridge(REQUEST), 'detail-type': 'Room Deleted' })).toEqual([
      'detail-type: must be "Room Requested"',
    ]);
    expect(problems({ ...cloudEvent({ data: REQUEST }), type: 'x', specversion: '0.3' })).toEqual([
      'specversion: must be "1.0"',
      'type: must be "greenroom.room.requested.v1"',
    ]);
  });
});

test('if a message repeats a member, the last one counts, as in JSON parsers', () => {
  expect(read('{"idempotencyKey":"first","idempotencyKey":"last","room":{}}')).toMatchObject({
    request: { idempotencyKey: 'last' },
  });
});
