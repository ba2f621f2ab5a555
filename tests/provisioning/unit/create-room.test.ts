import { describe, expect, test } from '@jest/globals';
import { roomToCreate, toProvisionedRoom } from '../../../lib/provisioning/create-room.ts';

describe('the CreateRoom request', () => {
  test('is the requested room with the name to search for and greenroom’s tags', () => {
    const room = { maximumMessageLength: 100, tags: { event: 'final', 'greenroom:key': 'theirs' } };
    expect(roomToCreate(room, 'name', { 'greenroom:key': 'ours' })).toEqual({
      maximumMessageLength: 100,
      name: 'name',
      tags: { event: 'final', 'greenroom:key': 'ours' },
    });
  });

  test('has only greenroom’s tags if none were requested', () => {
    expect(roomToCreate({}, 'name', { a: 'b' })).toEqual({ name: 'name', tags: { a: 'b' } });
  });
});

describe('a response from IVS Chat', () => {
  test('becomes plain JSON, with times as strings and without the metadata of the transport', () => {
    const createTime = new Date('2026-01-01T00:00:00Z');
    const updateTime = new Date('2026-01-02T00:00:00Z');
    const response = { $metadata: { httpStatusCode: 200 }, arn: 'arn', name: undefined, id: 'id' };
    const room = toProvisionedRoom({ ...response, createTime, updateTime });
    expect(room).toStrictEqual({
      arn: 'arn',
      id: 'id',
      createTime: '2026-01-01T00:00:00.000Z',
      updateTime: '2026-01-02T00:00:00.000Z',
    });
    expect(toProvisionedRoom({ arn: 'arn' })).toStrictEqual({ arn: 'arn' });
  });

  test('without an ARN is refused', () => {
    expect(() => toProvisionedRoom({ name: 'hall' })).toThrow(/arn/);
  });
});
