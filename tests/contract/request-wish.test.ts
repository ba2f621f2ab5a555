import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { payloadHashes } from '../../lib/contract/payload-notations.ts';
import { type IncomingMessage, problemsIn, type ReadMessage, readMessage } from '../../lib/contract/read-message.ts';
import { cloudEvent, DAY_MS, DEFAULTS, eventBridge, REQUEST, read, SENT_MS, sns } from './messages.ts';

const RELEASE_MS = SENT_MS + 3 * DAY_MS;
const iso = (ms: number) => new Date(ms).toISOString();
const WITH_WISH = { ...REQUEST, releaseAt: iso(RELEASE_MS) };
const wish = (wishedAtMs: number) => ({ releaseAtMs: RELEASE_MS, wishedAtMs });
const others = (body: unknown, message: Partial<IncomingMessage> = {}) =>
  read(body, { isFromRoster: false, ...message });
const lines = (message: ReadMessage) => problemsIn(message).map(({ path, message: text }) => `${path}: ${text}`);

describe('the wish of a request', () => {
  test.each<[string, unknown]>([
    ['bare JSON', WITH_WISH],
    ['an EventBridge event', eventBridge(WITH_WISH)],
    ['a CloudEvent', cloudEvent({ data: WITH_WISH })],
    ['an SNS notification', sns(WITH_WISH)],
  ])('is read from %s', (_, body) => {
    expect(others(body)).toMatchObject({ kind: 'request', askedAtMs: SENT_MS, wish: wish(SENT_MS) });
  });

  test('is absent without a release time, or if it is null', () => {
    for (const body of [REQUEST, { ...REQUEST, releaseAt: null }]) {
      expect(others(body)).toMatchObject({ kind: 'request', askedAtMs: SENT_MS });
      expect(others(body)).not.toHaveProperty('wish');
    }
  });

  test('was made when the request was sent, at the earliest time that an envelope states', () => {
    const time = iso(SENT_MS - DAY_MS);
    expect(others(eventBridge(WITH_WISH, { time }))).toMatchObject({ wish: wish(SENT_MS - DAY_MS) });
  });

  test('was made when the request was first sent, even if it is redriven with a new time', () => {
    const wishedAtMs = SENT_MS - 5 * DAY_MS;
    const again = others(WITH_WISH, { redriven: { wishedAtMs } });
    expect(again).toMatchObject({ sentAtMs: SENT_MS, askedAtMs: wishedAtMs, wish: wish(wishedAtMs) });
    // An earlier release has not noted the first time, but the envelope states it.
    const noted = others(eventBridge(WITH_WISH, { time: iso(wishedAtMs) }), { redriven: {} });
    expect(noted).toMatchObject({ sentAtMs: SENT_MS, askedAtMs: wishedAtMs, wish: wish(wishedAtMs) });
  });

  test('was made at the earliest of the times that greenroom’s own functions, the redrive and the message state', () => {
    const times = fc.integer({ min: SENT_MS - 9 * DAY_MS, max: SENT_MS + DAY_MS });
    fc.assert(
      fc.property(times, times, times, (releaseWishedAt, redriveMs, envelopeMs) => {
        const body = eventBridge({ ...WITH_WISH, releaseWishedAt: iso(releaseWishedAt) }, { time: iso(envelopeMs) });
        const askedAtMs = Math.min(SENT_MS, releaseWishedAt, redriveMs, envelopeMs);
        const message = read(body, { redriven: { wishedAtMs: redriveMs } });
        expect(message).toMatchObject({ kind: 'request', askedAtMs, wish: wish(askedAtMs) });
      }),
    );
  });

  test('is not part of the payload, so a request with another release time is the same request', () => {
    const hashes = [REQUEST, WITH_WISH, { ...WITH_WISH, releaseAt: iso(RELEASE_MS + 1) }].map((body) => {
      const message = others(body);
      if (message.kind !== 'request') throw new Error('It was refused');
      const { region, request } = message;
      return payloadHashes({ room: request.room, region });
    });
    expect(hashes[1]).toEqual(hashes[0]);
    expect(hashes[2]).toEqual(hashes[0]);
  });
});

describe('a request is invalid', () => {
  test.each([
    [400 * DAY_MS, 'request'],
    [400 * DAY_MS + 1, 'invalid'],
  ])(
    'if its release is more than 400 days after it was sent: %d ms are a valid distance of a %s',
    (distanceMs, kind) => {
      expect(others({ ...REQUEST, releaseAt: iso(SENT_MS + distanceMs) }).kind).toBe(kind);
      // Live events and bulk jobs have their own limits, which were checked before.
      expect(read({ ...REQUEST, releaseAt: iso(SENT_MS + distanceMs) }).kind).toBe('request');
    },
  );

  test('if its release is beyond all times, whoever sent it', () => {
    for (const isFromRoster of [true, false])
      expect(lines(read({ ...REQUEST, releaseAt: '9999-12-31T23:59:60Z' }, { isFromRoster }))).toEqual([
        'releaseAt: must be before 9999-12-31T23:59:59Z',
      ]);
  });

  test('if another sender states when its wish was made, and the wish is not kept', () => {
    const message = others({ ...WITH_WISH, releaseWishedAt: iso(SENT_MS) });
    expect(lines(message)).toEqual([expect.stringMatching(/^releaseWishedAt: must be left out: it is reserved for/)]);
    expect(message).toMatchObject({ kind: 'invalid', reserved: { kind: 'request', askedAtMs: SENT_MS } });
    expect(message).toHaveProperty('reserved');
    expect(message).not.toHaveProperty('reserved.wish');
  });

  test('with all of its problems at once', () => {
    const body = { ...REQUEST, releaseAt: iso(SENT_MS + 500 * DAY_MS), releaseWishedAt: 'now', tenant: '' };
    expect(lines(others(body)).map((line) => line.split(':')[0])).toEqual([
      'releaseAt',
      'releaseWishedAt',
      'tenant',
      'releaseWishedAt',
    ]);
  });

  test('if releases are switched off, and only then', () => {
    const settings = { ...DEFAULTS, releases: false };
    const readOff = (fields: object, isFromRoster = false) =>
      readMessage({ body: JSON.stringify(fields), sentTimestampMs: SENT_MS, isFromRoster }, settings);
    const off = readOff(WITH_WISH);
    expect(lines(off)).toEqual([expect.stringMatching(/^releaseAt: releases are switched off in this deployment: /)]);
    // It may have been accepted before they were switched off.
    expect(off).toMatchObject({ kind: 'invalid', acceptedBefore: others(WITH_WISH) });
    expect(lines(readOff({ ...WITH_WISH, idempotencyKey: 'k ', tenant: '' })).length).toBe(3);
    expect(readOff({ ...WITH_WISH, idempotencyKey: 'k ' })).not.toHaveProperty('acceptedBefore');
    expect(readOff({ ...WITH_WISH, releaseWishedAt: iso(SENT_MS) })).not.toHaveProperty('acceptedBefore');
    // The live event or the row was accepted before.
    expect(readOff({ ...WITH_WISH, releaseWishedAt: iso(SENT_MS) }, true)).toMatchObject({ wish: wish(SENT_MS) });
    const plain = { body: JSON.stringify(REQUEST), sentTimestampMs: SENT_MS, isFromRoster: true };
    expect(readMessage(plain, settings)).toEqual(readMessage(plain, DEFAULTS));
  });

  test('if an earlier release would have refused it too: a request with a wish and an odd key is not fulfilled', () => {
    expect(others({ ...WITH_WISH, idempotencyKey: 'k ' })).not.toHaveProperty('acceptedBefore');
    expect(others({ ...REQUEST, idempotencyKey: 'k ' })).toHaveProperty('acceptedBefore');
  });
});
