import { describe, expect, test } from '@jest/globals';
import {
  completionSchema,
  FAILURE_REASONS,
  failedCompletion,
  invalidCompletion,
  provisionedCompletion,
} from '../../lib/contract/completion.ts';
import { completionAttributes } from '../../lib/contract/completion-attributes.ts';
import {
  completionId,
  invalidCompletionId,
  keyReusedCompletionId,
  unparseableCompletionId,
} from '../../lib/contract/completion-id.ts';
import { readMessage } from '../../lib/contract/read-message.ts';

const DECIDED_AT_MS = Date.parse('2026-11-02T09:00:00.123Z');
const DECIDED = {
  stage: 'dev',
  idempotencyKey: 'k',
  tenant: 'sports',
  region: 'eu-west-1',
  claimId: 'claim',
  generation: 1,
  payloadHash: 'ab'.repeat(32),
  decidedAtMs: DECIDED_AT_MS,
} as const;
const ROOM = { arn: 'arn:aws:ivschat:eu-west-1:123456789012:room/abcdefghijkl', id: 'abcdefghijkl', future: { x: 1 } };

const provisioned = provisionedCompletion({ ...DECIDED, outcome: 'adopted', late: true, room: ROOM });
const failed = failedCompletion({
  ...DECIDED,
  reason: 'refused',
  error: { name: 'ValidationException', message: 'no' },
  fieldList: [{ name: 'name', message: 'is odd' }],
  retryable: false,
});

function refused(body: string) {
  const read = readMessage(
    { body, sentTimestampMs: DECIDED_AT_MS, isFromRoster: true },
    { region: 'us-east-1', requestMaxAgeMs: 1000, releases: false, nowMs: DECIDED_AT_MS },
  );
  if (read.kind !== 'invalid' && read.kind !== 'unparseable') throw new Error('the body should have been refused');
  return invalidCompletion({ stage: 'dev', read, body, decidedAtMs: DECIDED_AT_MS });
}

describe('a completion', () => {
  test('for a room is a CloudEvent that contains the whole response', () => {
    expect(provisioned).toEqual({
      specversion: '1.0',
      id: completionId({ ...DECIDED, outcome: 'adopted' }),
      source: '/greenroom/dev',
      type: 'greenroom.room.provisioned.v1',
      subject: 'k',
      time: '2026-11-02T09:00:00.123Z',
      datacontenttype: 'application/json',
      data: {
        idempotencyKey: 'k',
        tenant: 'sports',
        region: 'eu-west-1',
        claimId: 'claim',
        generation: 1,
        outcome: 'adopted',
        late: true,
        room: ROOM,
      },
    });
  });

  test('for a failure states the reason', () => {
    expect(failed).toMatchObject({
      id: completionId({ ...DECIDED, outcome: 'failed' }),
      type: 'greenroom.room.failed.v1',
      subject: 'k',
      data: {
        idempotencyKey: 'k',
        tenant: 'sports',
        region: 'eu-west-1',
        generation: 1,
        outcome: 'failed',
        reason: 'refused',
        error: { name: 'ValidationException', message: 'no' },
        fieldList: [{ name: 'name', message: 'is odd' }],
        retryable: false,
      },
    });
  });

  test('is the same after it was stored and read', () => {
    for (const completion of [provisioned, failed, refused('{}'), refused('{"idempotencyKey":"k"}')]) {
      expect(completionSchema.parse(JSON.parse(JSON.stringify(completion)))).toEqual(completion);
    }
  });

  test('for an invalid request has its key and all other fields that could be read', () => {
    const body = '{"idempotencyKey":"k","tenant":"","region":"eu-west-1"}';
    const completion = refused(body);
    expect(completion).toMatchObject({ id: invalidCompletionId('k', body), subject: 'k' });
    expect(completion.data).toMatchObject({ idempotencyKey: 'k', region: 'eu-west-1', reason: 'invalid-request' });
    expect(completion.data).not.toHaveProperty('tenant');
    expect(completion.data).not.toHaveProperty('generation');
  });

  test('for a message without a readable key has neither key nor subject', () => {
    const completion = refused('{"room":');
    expect(completion).toMatchObject({ id: unparseableCompletionId('{"room":'), data: { reason: 'unparseable' } });
    expect(Object.keys(completion)).not.toContain('subject');
    expect(completion.data).not.toHaveProperty('idempotencyKey');
  });
});

describe('the id', () => {
  test('differs by claim, key, payload, generation and outcome, and by nothing else', () => {
    const parts = {
      claimId: 'c',
      idempotencyKey: 'k',
      payloadHash: 'p',
      generation: 0,
      outcome: 'created',
    } as const;
    const ids = [
      completionId(parts),
      completionId({ ...parts, claimId: 'd' }),
      completionId({ ...parts, claimId: undefined }),
      completionId({ ...parts, idempotencyKey: 'l' }),
      completionId({ ...parts, payloadHash: 'q' }),
      completionId({ ...parts, generation: 1 }),
      completionId({ ...parts, outcome: 'adopted' }),
      completionId({ ...parts, outcome: 'failed' }),
      keyReusedCompletionId(parts),
      keyReusedCompletionId({ ...parts, claimId: 'd' }),
      keyReusedCompletionId({ ...parts, idempotencyKey: 'l' }),
      keyReusedCompletionId({ ...parts, payloadHash: 'q' }),
      invalidCompletionId('k', 'p'),
      invalidCompletionId('k', 'q'),
      invalidCompletionId('l', 'p'),
      unparseableCompletionId('p'),
      unparseableCompletionId('q'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    const other = provisionedCompletion({
      ...DECIDED,
      stage: 'x',
      tenant: 't',
      outcome: 'adopted',
      late: false,
      room: ROOM,
    });
    expect(other.id).toBe(provisioned.id);
  });

  test('is the same as in earlier releases for completions without a claim id', () => {
    const parts = { idempotencyKey: 'k', payloadHash: 'p', generation: 0, outcome: 'created' } as const;
    expect(completionId({ ...parts, claimId: undefined })).toBe(
      'eb89d567e010fc0d19736466e9773f03e9d945b787f6bea7c17cd565e768aaec',
    );
  });
});

describe('whatever the input, a completion', () => {
  const LIMIT_BYTES = 100 * 1024;

  test.each([
    ['the widest characters', '語'.repeat(300)],
    ['characters that JSON escapes', '\u0001'.repeat(300)],
    ['surrogate pairs', '🎟'.repeat(300)],
  ])('with problems about unknown fields with %s stays far below the SNS limit', (_, name) => {
    const fields = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`${index}${name}`, 1]));
    const completion = refused(JSON.stringify({ idempotencyKey: '🎟'.repeat(256), ...fields }));
    expect(completion.data).toMatchObject({ problemsTotal: 501, problems: { length: 100 } });
    const text = JSON.stringify(completion);
    expect(Buffer.byteLength(text)).toBeLessThan(LIMIT_BYTES);
    expect(text).not.toMatch(/\\ud[89a-f]/i);
  });

  test('contains at most 1,000 characters of a long error', () => {
    const completion = failedCompletion({
      ...DECIDED,
      reason: 'refused',
      error: { name: 'E'.repeat(5000), message: '🎟'.repeat(5000) },
      fieldList: Array(5000).fill({ name: '語'.repeat(5000), message: '語'.repeat(5000) }),
      problems: Array(5000).fill({ path: '語'.repeat(5000), message: '語'.repeat(5000) }),
      retryable: true,
    });
    if (completion.data.outcome !== 'failed') throw new Error('a failure was expected');
    expect(completion.data.error.message.length).toBeLessThanOrEqual(1000);
    expect(completion.data.error.message.isWellFormed()).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(completion))).toBeLessThan(2 * LIMIT_BYTES);
  });
});

describe('the message attributes of a completion', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const everything = { lane: 'bulk', roster: 'r', correlationId: 'c', traceparent } as const;
  const metadata = { order: { id: 7, paid: null }, note: 'Zürich' };

  test('are type, outcome, tenant, region and reason of the completion, and lane, roster, correlationId, traceparent and metadata of the message', () => {
    expect(completionAttributes(provisioned, { ...everything, metadata })).toEqual({
      type: 'greenroom.room.provisioned.v1',
      outcome: 'adopted',
      tenant: 'sports',
      region: 'eu-west-1',
      ...everything,
      metadata: '{"order":{"id":7,"paid":null},"note":"Zürich"}',
    });
    expect(completionAttributes(failed, everything)).toMatchObject({ outcome: 'failed', reason: 'refused' });
  });

  test('leave out absent and empty values', () => {
    expect(completionAttributes(refused('{'), { lane: 'interactive', roster: '' })).toEqual({
      type: 'greenroom.room.failed.v1',
      outcome: 'failed',
      lane: 'interactive',
      reason: 'unparseable',
    });
  });

  /**
   * "For SQS subscriptions, a maximum of 10 message attributes can be sent when Raw Message Delivery is enabled. [...] Messages with more than 10
   * message attributes directed towards Raw Message Delivery enabled Amazon SQS subscriptions will be discarded as client side errors":
   * https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
   */
  test('are never more than the ten that SNS allows with raw delivery', () => {
    const names = Object.keys(completionAttributes(failed, { ...everything, metadata })).sort();
    expect(names).toEqual([
      'correlationId',
      'lane',
      'metadata',
      'outcome',
      'reason',
      'region',
      'roster',
      'tenant',
      'traceparent',
      'type',
    ]);
    expect(names.length).toBeLessThanOrEqual(10);
  });

  test('can have every published reason', () => {
    for (const reason of FAILURE_REASONS) {
      const completion = failedCompletion({ ...DECIDED, reason, error: { name: 'n', message: 'm' }, retryable: true });
      expect(completionAttributes(completionSchema.parse(completion), everything).reason).toBe(reason);
    }
  });
});
