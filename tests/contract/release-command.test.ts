import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type IncomingMessage, problemsIn, readMessage } from '../../lib/contract/read-message.ts';
import { KEEP_MS } from '../../lib/contract/release-wish.ts';
import { DAY_MS, DEFAULTS, read, SENT_MS, sns } from './messages.ts';

const TYPE = 'Room Release Requested';
const bare = (fields: object = {}) => ({ type: TYPE, idempotencyKey: 'k', ...fields });
const eventBridge = (fields: object, members: object = {}) => ({
  'detail-type': TYPE,
  source: 'x',
  detail: { idempotencyKey: 'k', ...fields },
  ...members,
});
const cloudEvent = (members: object) => ({
  specversion: '1.0',
  type: 'greenroom.room.release-requested.v1',
  id: '1',
  source: '/x',
  ...members,
});
const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64');
const iso = (ms: number) => new Date(ms).toISOString();
const command = (fields: object = {}, message: Partial<IncomingMessage> = {}) =>
  read(bare(fields), { isFromRoster: false, ...message });
const problems = (body: unknown) =>
  problemsIn(read(body, { isFromRoster: false })).map(({ path, message }) => `${path}: ${message}`);

const AT = '2026-11-03T22:00:00+01:00';
const AT_MS = Date.parse(AT);
const keep = { idempotencyKey: 'k', releaseAt: null };

describe('a release command is read', () => {
  test.each<[string, unknown]>([
    ['bare JSON', bare({ releaseAt: AT })],
    ['an EventBridge event', eventBridge({ releaseAt: AT })],
    ['a CloudEvent', cloudEvent({ data: { idempotencyKey: 'k', releaseAt: AT } })],
    [
      'a CloudEvent with its data in base64',
      cloudEvent({ data_base64: base64({ idempotencyKey: 'k', releaseAt: AT }) }),
    ],
    ['bare JSON over SNS', sns(bare({ releaseAt: AT }))],
    ['an EventBridge event over SNS', sns(eventBridge({ releaseAt: AT }))],
    ['a CloudEvent over SNS', sns(cloudEvent({ data: { idempotencyKey: 'k', releaseAt: AT } }))],
  ])('from %s', (_, body) => {
    expect(read(body)).toEqual({
      kind: 'release',
      idempotencyKey: 'k',
      wish: { releaseAtMs: AT_MS, wishedAtMs: SENT_MS },
      isNow: false,
      sentAtMs: SENT_MS,
    });
  });

  test.each<[string, unknown]>([
    ['bare JSON', bare({ releaseAt: null })],
    ['an EventBridge event', eventBridge({ releaseAt: null })],
    ['a CloudEvent', cloudEvent({ data: keep })],
    ['a CloudEvent with its data in base64', cloudEvent({ data_base64: base64(keep) })],
    ['an SNS notification', sns(bare({ releaseAt: null }))],
  ])('from %s with the release time null, which means "keep the room"', (_, body) => {
    expect(read(body)).toMatchObject({ kind: 'release', wish: { releaseAtMs: KEEP_MS }, isNow: false });
  });

  test('with every other field null, as if the fields were absent', () => {
    const unset = { wishedAt: null, tenant: null, correlationId: null, unknown: null };
    expect(command(unset)).toEqual(command());
    expect(command()).not.toHaveProperty('tenant');
  });

  test('without a release time, which means now: the moment of the wish, so that duplicates are equal', () => {
    const wishedAtMs = SENT_MS - 60_000;
    const expected = { wish: { releaseAtMs: wishedAtMs, wishedAtMs }, isNow: true };
    expect(command({ wishedAt: iso(wishedAtMs) })).toMatchObject(expected);
    expect(command({ wishedAt: iso(wishedAtMs) }, { sentTimestampMs: SENT_MS + DAY_MS })).toMatchObject(expected);
    expect(command()).toMatchObject({ wish: { releaseAtMs: SENT_MS, wishedAtMs: SENT_MS }, isNow: true });
  });

  test.each([
    ['before the wish', SENT_MS - 1, true],
    ['at the moment of the wish', SENT_MS, true],
    ['after the wish', SENT_MS + 1, false],
  ])('with a release time %s', (_, releaseAtMs, isNow) => {
    expect(command({ releaseAt: iso(releaseAtMs) })).toMatchObject({
      isNow,
      wish: { releaseAtMs: Math.max(SENT_MS, releaseAtMs), wishedAtMs: SENT_MS },
    });
  });

  test('with the time of its envelope as the default of wishedAt', () => {
    const time = iso(SENT_MS - DAY_MS);
    expect(read(eventBridge({}, { time }))).toMatchObject({ wish: { wishedAtMs: SENT_MS - DAY_MS } });
    expect(read(sns(bare(), { Timestamp: time }))).toMatchObject({ wish: { wishedAtMs: SENT_MS - DAY_MS } });
  });

  test('after a redrive, with the time at which it was first sent', () => {
    const wishedAtMs = SENT_MS - 3 * DAY_MS;
    expect(command({}, { redriven: { wishedAtMs } })).toMatchObject({ sentAtMs: SENT_MS, wish: { wishedAtMs } });
    const envelope = eventBridge({}, { time: iso(wishedAtMs) });
    expect(read(envelope, { redriven: {} })).toMatchObject({ sentAtMs: SENT_MS, wish: { wishedAtMs } });
  });

  test('for a key of a live event or of a bulk job, from any sender', () => {
    for (const idempotencyKey of ['live/final/main', 'bulk/rooms/1'])
      expect(command({ idempotencyKey })).toMatchObject({ kind: 'release', idempotencyKey });
  });

  test('with its tenant, its correlation id and its trace context', () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const known = { tenant: 'sports', correlationId: 'c' };
    expect(command(known, { traceparent })).toMatchObject({ kind: 'release', ...known, traceparent });
  });
});

describe('a release command is invalid', () => {
  test('with all of its problems at once', () => {
    const fields = {
      releaseAt: 'tomorrow',
      wishedAt: iso(SENT_MS + 6 * 60_000),
      tenant: '',
      correlationId: '\n',
      realeaseAt: null,
      roster: 'r',
      room: undefined,
    };
    const expected = [
      /^releaseAt: must be an ISO 8601/,
      /^tenant: must be 1 to 64/,
      /^correlationId: must be 1 to 128/,
      /^roster: is not a known field/,
      /^wishedAt: must be at most 5 minutes after the command was sent/,
    ];
    const found = problems(bare(fields));
    expect(found).toEqual(expected.map((each) => expect.stringMatching(each)));
    expect(command(fields)).toMatchObject({ kind: 'invalid-release', idempotencyKey: 'k', reason: 'invalid-request' });
    expect(command(fields)).not.toHaveProperty('wish');
  });

  test.each<[string, unknown, RegExp]>([
    ['its type is misspelt', bare({ type: 'Room Release Request' }), /^type: must be "Room Release Requested"$/],
    ['its type has other capitals', bare({ type: 'room release requested' }), /^type: must be/],
    [
      'its detail type is misspelt',
      { 'detail-type': 'Room Released', detail: { idempotencyKey: 'k' } },
      /^\["detail-type"\]: must be "Room Release Requested"$|^detail-type: must be "Room Release Requested"$/,
    ],
    [
      'the type of its CloudEvent is misspelt',
      cloudEvent({ type: 'greenroom.room.release.v1', data: { idempotencyKey: 'k' } }),
      /^type: must be "greenroom.room.release-requested.v1"$/,
    ],
    ['its envelope and its payload have a type', eventBridge({ type: TYPE }), /^type: is not a known field/],
    ['it has a room', bare({ room: {} }), /^room: is not a known field/],
    ['its key ends with a space', bare({ idempotencyKey: 'k ' }), /^idempotencyKey: /],
    [
      'it has two members of one name',
      `{"type":"${TYPE}","idempotencyKey":"k","idempotencyKey":"l"}`,
      /^idempotencyKey: /,
    ],
    ['its release time is beyond all times', bare({ releaseAt: '9999-12-31T23:59:59Z' }), /^releaseAt: must be before/],
  ])('if %s', (_, body, problem) => {
    expect(problems(body)).toEqual([expect.stringMatching(problem)]);
    expect(read(body, { isFromRoster: false })).toMatchObject({ kind: 'invalid-release', reason: 'invalid-request' });
  });

  test.each([
    [5 * 60_000, 'release'],
    [5 * 60_000 + 1, 'invalid-release'],
  ])('if it was wished more than 5 minutes after it was sent: %d ms are a %s', (aheadMs, kind) => {
    expect(command({ wishedAt: iso(SENT_MS + aheadMs) }).kind).toBe(kind);
  });

  test('with the fields that could be read', () => {
    expect(command({ releaseAt: null, tenant: 'sports', correlationId: 'c', what: 1 })).toMatchObject({
      kind: 'invalid-release',
      tenant: 'sports',
      correlationId: 'c',
      wish: { releaseAtMs: KEEP_MS, wishedAtMs: SENT_MS },
    });
  });

  test('while releases are switched off, and its other problems are still listed', () => {
    const body = JSON.stringify(bare({ tenant: '' }));
    const off = readMessage({ body, sentTimestampMs: SENT_MS, isFromRoster: false }, { ...DEFAULTS, releases: false });
    expect(off).toMatchObject({ kind: 'invalid-release', reason: 'invalid-request' });
    expect(problemsIn(off).map(({ path }) => path)).toEqual(['tenant', '']);
    expect(problemsIn(off).at(-1)?.message).toMatch(/^releases are switched off in this deployment: /);
    // Only a live event that was accepted before they were switched off leads to commands of greenroom's own functions.
    const ofFunction = { body: JSON.stringify(bare({})), sentTimestampMs: SENT_MS, isFromRoster: true };
    expect(readMessage(ofFunction, { ...DEFAULTS, releases: false }).kind).toBe('release');
  });
});

describe('a release command is too old', () => {
  // The reader's clock shows a second more than the time at which the message was sent.
  const oldest = DEFAULTS.nowMs - 28 * DAY_MS;

  test.each([
    [oldest, 'release'],
    [oldest - 1, 'invalid-release'],
  ])('if it was wished more than 28 days ago: %d is a %s', (wishedAtMs, kind) => {
    expect(command({ wishedAt: iso(wishedAtMs) }).kind).toBe(kind);
  });

  test('with this as its only reason, and its wish', () => {
    const time = iso(oldest - 1);
    expect(read(eventBridge({}, { time }), { isFromRoster: false })).toMatchObject({
      kind: 'invalid-release',
      reason: 'too-old',
      wish: { wishedAtMs: oldest - 1 },
      problems: [{ path: 'wishedAt', message: expect.stringMatching(/more than 28 days ago/) }],
    });
  });

  test('but invalid if it has another problem as well', () => {
    const both = command({ wishedAt: iso(oldest - 1), tenant: '' });
    expect(both).toMatchObject({ kind: 'invalid-release', reason: 'invalid-request' });
    expect(problemsIn(both).map(({ path }) => path)).toEqual(['tenant', 'wishedAt']);
  });
});

describe('a message is not a release command', () => {
  test.each<[string, unknown, string]>([
    ['if it has no readable key', bare({ idempotencyKey: '' }), 'unparseable'],
    ['if its envelope has no payload', { 'detail-type': TYPE, detail: 'k' }, 'unparseable'],
    ['if it has a room and a type of its own', { type: 'pre-release', idempotencyKey: 'k', room: {} }, 'invalid'],
    ['if its envelope says that it is a request', { 'detail-type': 'Room Requested', detail: bare() }, 'invalid'],
    ['if it has neither a type nor a room', { idempotencyKey: 'k', releaseAt: AT }, 'invalid'],
  ])('%s', (_, body, kind) => {
    expect(read(body, { isFromRoster: false }).kind).toBe(kind);
  });

  test('whatever it contains, it is read without an error', () => {
    const values = fc.oneof(fc.constantFrom(null, '', AT, TYPE, 1e300, -1, {}, []), fc.jsonValue());
    const fields = fc.dictionary(
      fc.oneof(fc.constantFrom('type', 'idempotencyKey', 'releaseAt', 'wishedAt', 'tenant', 'room'), fc.string()),
      values,
    );
    fc.assert(
      fc.property(fields, fc.boolean(), (given, isBare) => {
        const message = read(isBare ? { type: TYPE, ...given } : { 'detail-type': TYPE, detail: given });
        if (message.kind === 'release')
          expect(message.wish.releaseAtMs).toBeGreaterThanOrEqual(message.wish.wishedAtMs);
        else if (message.kind !== 'request') expect(message.problems).not.toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});
