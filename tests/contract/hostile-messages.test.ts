import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cloudEvent, eventBridge, read, sns } from './messages.ts';

describe('no exception is caused by a message body that is', () => {
  const KINDS = ['request', 'invalid', 'unparseable'];

  test('any string', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (body) => expect(KINDS).toContain(read(body).kind)));
  });

  test('any JSON, in any envelope and at any place in a request', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (value, other) => {
        for (const body of [
          value,
          eventBridge(value, { time: other }),
          cloudEvent({ data: value, time: other }),
          { Type: 'Notification', Message: value, Timestamp: other },
          sns(sns(value)),
          { idempotencyKey: 'k', room: value, tenant: other },
          { idempotencyKey: 'k', room: { tags: value, name: other, loggingConfigurationIdentifiers: value } },
          { idempotencyKey: value, room: { tags: { k: other }, messageReviewHandler: value } },
        ]) {
          expect(KINDS).toContain(read(body).kind);
        }
      }),
    );
  });

  test.each([
    ['half a megabyte of opening brackets', '['.repeat(500_000)],
    ['100,000 nested lists', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['100,000 nested rooms', `{"idempotencyKey":"k","room":${'{"room":'.repeat(100_000)}1${'}'.repeat(100_001)}`],
    [
      '100,000 unknown fields',
      `{${Array.from({ length: 100_000 }, (_, index) => `"f${index}":1`)},"idempotencyKey":"k"}`,
    ],
    [
      '500,000 identifiers',
      `{"idempotencyKey":"k","room":{"loggingConfigurationIdentifiers":[1${',1'.repeat(500_000)}]}}`,
    ],
    [
      '100,000 tags',
      `{"idempotencyKey":"k","room":{"tags":{${Array.from({ length: 100_000 }, (_, index) => `"${index}":1`)}}}}`,
    ],
    ['a one-megabyte key', JSON.stringify({ idempotencyKey: 'k'.repeat(1_000_000), room: {} })],
    ['half a surrogate pair', '"\ud800"'],
  ])('%s', (_, body) => {
    expect(['invalid', 'unparseable']).toContain(read(body).kind);
  });
});
