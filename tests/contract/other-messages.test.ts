import { describe, expect, test } from '@jest/globals';
import { parseLiveEventMessage } from '../../lib/contract/live-event-message.ts';
import { problemsIn } from '../../lib/contract/read-message.ts';
import { DEFAULTS, read } from './messages.ts';

const REQUEST = { idempotencyKey: 'k', room: {} };
const notification = (message: unknown) => ({ Type: 'Notification', Message: JSON.stringify(message) });
const problemsOf = (message: object) => problemsIn(read(message)).map(({ path, message: text }) => `${path}: ${text}`);

describe('a message of an AWS service instead of a request names its remedy:', () => {
  test.each<[string, object, RegExp]>([
    ['an SNS notification in another one', notification(notification(REQUEST)), / raw message delivery/],
    [
      'the confirmation of a subscription',
      { Type: 'SubscriptionConfirmation', SubscribeURL: 'https://sns.eu-west-1.amazonaws.com/?x' },
      /^: .*confirm the subscription with its SubscribeURL$/,
    ],
    [
      'a Kafka record of a pipe',
      { eventSource: 'aws:kafka', topic: 't', partition: 0, value: 'e30=' },
      /^: .*set InputTemplate to <\$\.value> if the value of each record is the room request/,
    ],
    ['a record of another Kafka cluster', { eventSource: 'SelfManagedKafka', value: 'e30=' }, /<\$\.value>/],
    ['a Kafka event of Lambda', { eventSource: 'aws:kafka', records: { 't-0': [{}] } }, /the value of each record/],
    ['an entry of PutEvents', { Source: 's', DetailType: 'Room Requested', Detail: '{}' }, /an entry of PutEvents/],
    [
      'the request of PutEvents',
      { Entries: [{ Source: 's', DetailType: 'Room Requested', Detail: '{}' }] },
      /a list of entries of PutEvents: .*only the content of Detail/,
    ],
    ['rooms in a member', { rooms: [REQUEST] }, /^: has a list in "rooms": send each room request in a message/],
    ['records of another service', { Records: [{ body: '{}' }] }, /^: has a list in "Records"/],
  ])('%s', (_what, message, problem) => {
    expect(problemsOf(message)).toEqual([expect.stringMatching(problem)]);
  });

  test('but a request with such a member is a request, and its key is answered', () => {
    expect(read({ ...REQUEST, rooms: [{}], DetailType: 'x' })).toMatchObject({
      kind: 'invalid',
      idempotencyKey: 'k',
      problems: [expect.anything(), expect.anything()],
    });
  });

  test('and the rooms of a live event are not a batch of live events', () => {
    const event = { startsAt: '2026-12-18T19:00:00Z', rooms: [{ key: 'main', room: {} }] };
    const parsed = parseLiveEventMessage(JSON.stringify(event), { ...DEFAULTS, leadMs: 1_800_000, atRiskMs: 600_000 });
    expect(JSON.stringify(parsed)).not.toContain('has a list in');
    const batch = parseLiveEventMessage(JSON.stringify({ shows: [event] }), {
      ...DEFAULTS,
      leadMs: 1_800_000,
      atRiskMs: 600_000,
    });
    expect(JSON.stringify(batch)).toContain('send each live event in a message of its own');
  });
});
