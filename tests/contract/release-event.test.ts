import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyReleasedCompletion } from '../../lib/contract/completion.ts';
import { completionAttributes, releaseAttributes } from '../../lib/contract/completion-attributes.ts';
import { canonicalJson, sha256 } from '../../lib/contract/keys.ts';
import {
  releasedEvent,
  releaseEventSchema,
  releaseFailedEvent,
  releaseScheduledEvent,
} from '../../lib/contract/release-event.ts';
import { KEEP_MS } from '../../lib/contract/release-wish.ts';

const NOW_MS = Date.parse('2026-11-02T09:00:00.123Z');
const WISH = { releaseAtMs: NOW_MS + 3_600_000, wishedAtMs: NOW_MS - 1_000 };
const KEY = { stage: 'dev', idempotencyKey: 'k' } as const;
const KNOWN = { ...KEY, tenant: 'sports', region: 'eu-west-1' } as const;
const ROOM = { arn: 'arn:aws:ivschat:eu-west-1:1:room/abc', id: 'abc', name: 'hall' };

const released = (changes: object = {}) =>
  releasedEvent({ ...KNOWN, generation: 2, room: ROOM, wish: WISH, markedAtMs: NOW_MS, ...changes });
const scheduled = (changes: object = {}) =>
  releaseScheduledEvent({
    ...KNOWN,
    wish: WISH,
    superseded: false,
    standing: { wish: WISH, notBeforeMs: WISH.releaseAtMs + 900_000 },
    state: 'made',
    nowMs: NOW_MS,
    ...changes,
  });
const failed = (changes: object = {}) =>
  releaseFailedEvent({ ...KNOWN, wish: WISH, reason: 'too-late', nowMs: NOW_MS, ...changes });

describe('the event about a release', () => {
  test('that is done names the room, the wish and the moment of the mark', () => {
    expect(released()).toEqual({
      specversion: '1.0',
      id: sha256(canonicalJson(['k', ROOM.arn, 'released'])),
      source: '/greenroom/dev',
      type: 'greenroom.room.released.v1',
      subject: 'k',
      time: '2026-11-02T09:00:00.123Z',
      datacontenttype: 'application/json',
      data: {
        idempotencyKey: 'k',
        tenant: 'sports',
        region: 'eu-west-1',
        generation: 2,
        outcome: 'released',
        room: ROOM,
        releaseAt: '2026-11-02T10:00:00.123Z',
        wishedAt: '2026-11-02T08:59:59.123Z',
      },
    });
  });

  test('that is done has the same id for a room, and another for another room', () => {
    expect(released({ markedAtMs: NOW_MS + 1, generation: 3 }).id).toBe(released().id);
    expect(released({ room: { ...ROOM, arn: `${ROOM.arn}d` } }).id).not.toBe(released().id);
  });

  test('that is scheduled states what was requested, what applies, and the state of the key', () => {
    expect(scheduled().data).toEqual({
      idempotencyKey: 'k',
      tenant: 'sports',
      region: 'eu-west-1',
      outcome: 'release-scheduled',
      wishedAt: '2026-11-02T08:59:59.123Z',
      releaseAt: '2026-11-02T10:00:00.123Z',
      superseded: false,
      standing: {
        wishedAt: '2026-11-02T08:59:59.123Z',
        releaseAt: '2026-11-02T10:00:00.123Z',
        notBefore: '2026-11-02T10:15:00.123Z',
      },
      state: 'made',
    });
  });

  test('that is superseded by "keep" states no times for it', () => {
    const standing = { wish: { releaseAtMs: KEEP_MS, wishedAtMs: NOW_MS }, notBeforeMs: KEEP_MS };
    expect(scheduled({ superseded: true, standing }).data).toMatchObject({
      superseded: true,
      standing: { releaseAt: null, notBefore: null },
    });
  });

  test('that is an answer has the id of its data, whenever and however often it is published', () => {
    for (const [event, later] of [
      [scheduled(), scheduled({ nowMs: NOW_MS + 1 })],
      [failed(), failed({ nowMs: NOW_MS + 1 })],
    ] as const) {
      expect(event.id).toBe(sha256(canonicalJson(event.data)));
      expect(later.id).toBe(event.id);
    }
    const ids = [
      scheduled(),
      scheduled({ state: 'failed' }),
      scheduled({ superseded: true }),
      failed(),
      failed({ reason: 'outdated' }),
    ];
    expect(new Set(ids.map(({ id }) => id)).size).toBe(ids.length);
  });

  test('that fails has only the fields that are known, and at most a hundred problems', () => {
    const bare = releaseFailedEvent({ ...KEY, reason: 'invalid-request', nowMs: NOW_MS });
    expect(bare.data).toEqual({ idempotencyKey: 'k', outcome: 'release-failed', reason: 'invalid-request' });
    const problems = Array.from({ length: 101 }, (_, index) => ({ path: `p${index}`, message: 'x'.repeat(1_000) }));
    const { data } = failed({ reason: 'invalid-request', problems });
    expect([data.problems?.length, data.problemsTotal]).toEqual([100, 101]);
    // SNS accepts 256 KiB.
    expect(Buffer.byteLength(JSON.stringify(failed({ problems })))).toBeLessThan(200_000);
  });

  test('is the same after it was stored and read', () => {
    const keeps = { wish: { releaseAtMs: KEEP_MS, wishedAtMs: NOW_MS } };
    for (const event of [released(), scheduled(), scheduled(keeps), failed(), failed({ ...keeps, tenant: undefined })])
      expect(releaseEventSchema.parse(JSON.parse(JSON.stringify(event)))).toEqual(event);
  });
});

describe('the attributes of an event about a release', () => {
  test('are for filters, and name no roster, so that no roster counts the event', () => {
    const context = { correlationId: 'c', traceparent: 't' };
    expect(releaseAttributes(failed(), context)).toEqual({
      type: 'greenroom.room.release-failed.v1',
      outcome: 'release-failed',
      tenant: 'sports',
      region: 'eu-west-1',
      reason: 'too-late',
      ...context,
    });
    expect(releaseAttributes(released())).toEqual({
      type: 'greenroom.room.released.v1',
      outcome: 'released',
      tenant: 'sports',
      region: 'eu-west-1',
    });
    expect(releaseAttributes(scheduled())).not.toHaveProperty('roster');
  });

  test('are never those of a failed request, so that a subscription to failures does not receive refused commands', () => {
    fc.assert(
      fc.property(fc.constantFrom(released(), scheduled(), failed()), (event) => {
        expect(releaseAttributes(event).outcome).not.toBe('failed');
      }),
    );
  });
});

test('a request for a released key fails for good, with the id of the room’s generation', () => {
  const refused = { ...KNOWN, claimId: 'claim', generation: 2, payloadHash: 'p', decidedAtMs: NOW_MS };
  const completion = keyReleasedCompletion(refused);
  expect(completion).toMatchObject({
    id: sha256(canonicalJson(['claim', 'k', 'p', 2, 'key-released'])),
    type: 'greenroom.room.failed.v1',
    data: { generation: 2, outcome: 'failed', reason: 'key-released', retryable: false },
  });
  expect(keyReleasedCompletion({ ...refused, generation: 3 }).id).not.toBe(completion.id);
  // A member of a roster that fails in this way is counted like any other failure.
  expect(completionAttributes(completion, { lane: 'bulk', roster: 'r' })).toMatchObject({
    outcome: 'failed',
    roster: 'r',
  });
});
