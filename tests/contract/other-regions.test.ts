import { describe, expect, test } from '@jest/globals';
import { parseLiveEventMessage } from '../../lib/contract/live-event-message.ts';
import { otherRegionProblems } from '../../lib/contract/other-regions.ts';
import { problems, read } from './messages.ts';

const functionIn = (region: string) => `arn:aws:lambda:${region}:123456789012:function:review`;
const loggingIn = (region: string) => `arn:aws:ivschat:${region}:123456789012:logging-configuration/AbCdEfGhIjKl`;
const reviewedBy = (uri: unknown) => ({ messageReviewHandler: { uri } });

const FUNCTION_PROBLEM =
  'room.messageReviewHandler.uri: is a function in us-east-1, but the room is created in eu-west-1: name a function in eu-west-1, or set region to us-east-1';

// https://docs.aws.amazon.com/ivs/latest/ChatUserGuide/chat-message-review-handler.html: "The lambda function must be in the same AWS
// account and AWS region as the room with which you will use the function."
describe('a request', () => {
  test.each<[string, object, string[]]>([
    ['its function', { room: reviewedBy(functionIn('us-east-1')), region: 'eu-west-1' }, [FUNCTION_PROBLEM]],
    ['its function, by default', { room: reviewedBy(functionIn('us-east-1')) }, [FUNCTION_PROBLEM]],
    [
      'its function, where no room can be created',
      { room: reviewedBy(functionIn('eu-north-1')), region: 'us-west-2' },
      [
        'room.messageReviewHandler.uri: is a function in eu-north-1, but the room is created in us-west-2: name a function in us-west-2',
      ],
    ],
    [
      'one of its logging configurations',
      { room: { loggingConfigurationIdentifiers: [loggingIn('eu-west-1'), loggingIn('eu-central-1')] } },
      [
        'room.loggingConfigurationIdentifiers[1]: is a logging configuration in eu-central-1, but the room is created in eu-west-1: name a logging configuration in eu-west-1, or set region to eu-central-1',
      ],
    ],
  ])('is refused if another region has %s', (_what, fields, expected) => {
    expect(problems({ idempotencyKey: 'k', ...fields })).toEqual(expected);
    expect(read({ idempotencyKey: 'k', ...fields })).toMatchObject({ kind: 'invalid', idempotencyKey: 'k' });
  });

  test('is refused with these problems and all others together', () => {
    const room = {
      name: 'a b',
      ...reviewedBy(functionIn('us-east-1')),
      loggingConfigurationIdentifiers: ['arn', loggingIn('us-east-1')],
    };
    expect(problems({ idempotencyKey: 'k', room, tenant: '' }).map((each) => each.split(':')[0])).toEqual([
      'room.messageReviewHandler.uri',
      'room.loggingConfigurationIdentifiers[1]',
      'room.name',
      'room.loggingConfigurationIdentifiers[0]',
      'tenant',
    ]);
  });

  test.each<[string, object]>([
    ['its own region has them', { room: reviewedBy(functionIn('us-east-1')), region: 'us-east-1' }],
    ['it uses the default region', { room: { loggingConfigurationIdentifiers: [loggingIn('eu-west-1')] } }],
    ['it has no handler', { room: reviewedBy(''), region: 'us-east-1' }],
  ])('is accepted if %s', (_what, fields) => {
    expect(read({ idempotencyKey: 'k', ...fields })).toMatchObject({ kind: 'request' });
  });

  test('with a region that cannot have rooms is refused for that alone', () => {
    const request = { idempotencyKey: 'k', room: reviewedBy(functionIn('us-east-1')), region: 'mars' };
    expect(problems(request)).toEqual([expect.stringMatching(/^region: must be a region that has IVS Chat/)]);
  });
});

test.each<[string, unknown]>([
  ['a room that is not an object', 5],
  ['a handler that is not an object', { messageReviewHandler: 'arn' }],
  ['a function that is not a string', reviewedBy(5)],
  ['an ARN that is malformed', reviewedBy('arn:aws:lambda:us-east-1:1:function:f')],
  ['logging configurations that are not ARNs', { loggingConfigurationIdentifiers: [5, null, {}, 'arn'] }],
  ['a list of the wrong kind', { loggingConfigurationIdentifiers: loggingIn('us-east-1') }],
  ['a list that is far too long', { loggingConfigurationIdentifiers: Array(100_000).fill(loggingIn('us-east-1')) }],
])('the check of regions leaves %s to the schema', (_what, room) => {
  expect(otherRegionProblems({ room }, 'eu-west-1')).toEqual([]);
});

describe('a live event', () => {
  const EVENT = { liveEventId: 'final', revision: 1, startsAt: '2026-12-18T20:00:00Z' };
  const parse = (rooms: object[], region: 'eu-west-1' | 'us-east-1' = 'eu-west-1') =>
    parseLiveEventMessage(JSON.stringify({ ...EVENT, rooms }), {
      leadMs: 1_800_000,
      atRiskMs: 600_000,
      releases: false,
      region,
      nowMs: 0,
    });
  const rooms = [
    { key: 'a', room: reviewedBy(functionIn('us-east-1')), region: 'us-east-1' },
    { key: 'b', room: reviewedBy(functionIn('us-east-1')) },
    { key: 'c', room: { loggingConfigurationIdentifiers: [loggingIn('us-east-1')] }, region: 'eu-west-1' },
  ];

  test('is refused with every such problem, and each problem names its place', () => {
    const parsed = parse(rooms);
    expect(parsed).toMatchObject({ kind: 'invalid', liveEventId: 'final', hash: expect.any(String) });
    expect(parsed.kind === 'invalid' && parsed.problems.map(({ path }) => path)).toEqual([
      'rooms[1].room.messageReviewHandler.uri',
      'rooms[2].room.loggingConfigurationIdentifiers[0]',
    ]);
  });

  test('uses the region of its deployment for rooms that name none', () => {
    expect(parse(rooms.slice(0, 2), 'us-east-1').kind).toBe('scheduled');
  });
});
