import { describe, expect, test } from '@jest/globals';
import { createOpenRequests } from '../../client/open-requests.ts';
import { type PreparedRequest, prepareRequest } from '../../client/prepared-request.ts';
import {
  type Completion,
  failedCompletion,
  invalidCompletion,
  keyReusedCompletion,
  provisionedCompletion,
} from '../../lib/contract/completion.ts';
import { payloadHash } from '../../lib/contract/keys.ts';
import type { Room } from '../../lib/contract/room.ts';

const NOW_MS = Date.parse('2026-11-23T10:00:00Z');

function request(number: number, body: unknown): PreparedRequest {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return prepareRequest({ number, name: `line ${number}`, body: text }, { region: 'eu-west-1', nowMs: NOW_MS });
}

function decided(idempotencyKey: string, room: Room, generation = 0) {
  return {
    stage: 'local',
    idempotencyKey,
    tenant: 'default',
    region: 'eu-west-1',
    claimId: 'claim',
    generation,
    payloadHash: payloadHash({ room, region: 'eu-west-1' }),
    decidedAtMs: NOW_MS,
  } as const;
}

function created(idempotencyKey: string, room: Room): Completion {
  return provisionedCompletion({
    ...decided(idempotencyKey, room),
    outcome: 'created',
    late: false,
    room: { arn: 'arn' },
  });
}

function failed(idempotencyKey: string, room: Room, generation?: number): Completion {
  const error = { name: 'Refused', message: 'no' };
  return failedCompletion({ ...decided(idempotencyKey, room, generation), reason: 'refused', error, retryable: false });
}

function invalid({ body, read }: PreparedRequest): Completion {
  if (read.kind !== 'invalid' && read.kind !== 'unparseable') throw new Error('The request is valid');
  return invalidCompletion({ stage: 'local', read, body, decidedAtMs: NOW_MS });
}

function openRequests(...requests: PreparedRequest[]) {
  const open = createOpenRequests();
  for (const each of requests) open.add(each);
  return { open, close: (completion: Completion) => open.close(completion)?.name };
}

describe('a completion closes', () => {
  test('the request with its key and payload, also in another envelope and at a later generation', () => {
    const cloudEvent = {
      specversion: '1.0',
      type: 'greenroom.room.requested.v1',
      data: { idempotencyKey: 'b', room: { name: 'b' }, region: 'eu-west-1' },
    };
    const { open, close } = openRequests(request(1, { idempotencyKey: 'a', room: {} }), request(2, cloudEvent));
    expect(close(failed('b', { name: 'b' }, 3))).toBe('line 2');
    expect(close(created('a', {}))).toBe('line 1');
    expect(open.size).toBe(0);
  });

  test('the request whose key is reused, as published by this release and by the previous one', () => {
    const wish = { idempotencyKey: 'a', room: { name: 'a' } };
    const { close } = openRequests(request(1, wish), request(2, wish));
    const { generation: _, ...refused } = decided('a', { name: 'a' }, 3);
    expect(close(keyReusedCompletion(refused))).toBe('line 1');
    expect(close(failed('a', { name: 'a' }, 3))).toBe('line 2');
  });

  test('the request whose room differs only in empty members', () => {
    const { open, close } = openRequests(request(1, { idempotencyKey: 'a', room: { name: 'a', tags: {} } }));
    expect(close(created('a', { name: 'b', tags: {} }))).toBeUndefined();
    expect(close(created('a', { name: 'a', loggingConfigurationIdentifiers: [] }))).toBe('line 1');
    expect(open.size).toBe(0);
  });

  test('of two requests with one key and different rooms, the one that it answers', () => {
    const { close } = openRequests(
      request(1, { idempotencyKey: 'a', room: { name: 'one' } }),
      request(2, { idempotencyKey: 'a', room: { name: 'two' } }),
    );
    expect(close(created('a', { name: 'two' }))).toBe('line 2');
    expect(close(failed('a', { name: 'one' }))).toBe('line 1');
  });

  test('one of several equal requests each time it arrives, in their order, and then none', () => {
    const wish = { idempotencyKey: 'a', room: {} };
    const { close } = openRequests(request(1, wish), request(2, wish));
    expect([1, 2, 3].map(() => close(created('a', {})))).toEqual(['line 1', 'line 2', undefined]);
  });

  test('the invalid request with exactly its body, with and without a readable key', () => {
    const keyed = request(1, { idempotencyKey: 'a', room: { name: 'not allowed' } });
    const other = request(2, { idempotencyKey: 'a', room: { name: 'not allowed either' } });
    const broken = request(3, '{"idempotencyKey": "a"');
    const { open, close } = openRequests(keyed, other, broken);
    expect([other, broken, keyed].map((each) => close(invalid(each)))).toEqual(['line 2', 'line 3', 'line 1']);
    expect(open.list()).toEqual([]);
  });
});

test('a completion for a request of another sender closes nothing', () => {
  const { open, close } = openRequests(request(1, { idempotencyKey: 'a', room: {} }));
  expect(close(created('b', {}))).toBeUndefined();
  expect(close(created('a', { name: 'another' }))).toBeUndefined();
  expect(close(invalid(request(9, 'not JSON')))).toBeUndefined();
  expect(open.list().map(({ name }) => name)).toEqual(['line 1']);
});
