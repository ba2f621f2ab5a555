import { describe, expect, test } from '@jest/globals';
import { FIELDS } from '../../../console/page/send/fields.ts';
import { formProblems, messageOf } from '../../../console/page/send/message-of.ts';
import { problemsIn, readMessage } from '../../../lib/contract/read-message.ts';
import { roomSchema } from '../../../lib/contract/room.ts';
import { roomRequestSchema } from '../../../lib/contract/room-request.ts';

const NOW_MS = Date.parse('2026-06-01T12:00:00Z');
const read = (body: string) =>
  readMessage(
    { body, sentTimestampMs: NOW_MS, isFromRoster: false },
    { region: 'eu-west-1', requestMaxAgeMs: 1_000, releases: true, nowMs: NOW_MS },
  );

describe('the message of the form', () => {
  test('has a field for every member of a request that a sender may set', () => {
    const own = Object.keys(roomRequestSchema.shape).filter(
      (name) => !['room', 'roster', 'releaseWishedAt'].includes(name),
    );
    const ofRoom = Object.keys(roomSchema.shape).map((name) => `room.${name}`);
    const filled = FIELDS.map(({ path }) => path.replace(/(Handler)\..*/, '$1'));
    expect([...new Set(filled)].toSorted()).toEqual([...own, ...ofRoom].toSorted());
  });

  test('with every field is a valid request', () => {
    const body = messageOf({
      ...{ idempotencyKey: 'k', region: 'eu-west-1', tenant: 't', correlationId: 'c', metadata: '{"a": 1}' },
      ...{
        neededBy: '2026-06-02T12:00',
        releaseAt: '2026-06-03T12:00:05',
        'room.name': 'n',
        'room.tags': 'a = b=c \n\nd=',
      },
      ...{ 'room.maximumMessageRatePerSecond': ' 5 ', 'room.maximumMessageLength': '6' },
      'room.messageReviewHandler.uri': 'arn:aws:lambda:eu-west-1:000000000000:function:f',
      'room.messageReviewHandler.fallbackResult': 'DENY',
      'room.loggingConfigurationIdentifiers': ' arn:aws:ivschat:eu-west-1:000000000000:logging-configuration/a\n',
    });
    expect(problemsIn(read(body))).toEqual([]);
    expect(JSON.parse(body)).toEqual({
      ...{ idempotencyKey: 'k', region: 'eu-west-1', tenant: 't', correlationId: 'c', metadata: { a: 1 } },
      neededBy: new Date('2026-06-02T12:00').toISOString(),
      releaseAt: new Date('2026-06-03T12:00:05').toISOString(),
      room: {
        ...{ name: 'n', tags: { a: 'b=c', d: '' }, maximumMessageRatePerSecond: 5, maximumMessageLength: 6 },
        messageReviewHandler: {
          ...{ uri: 'arn:aws:lambda:eu-west-1:000000000000:function:f', fallbackResult: 'DENY' },
        },
        loggingConfigurationIdentifiers: ['arn:aws:ivschat:eu-west-1:000000000000:logging-configuration/a'],
      },
    });
  });

  test('leaves out empty fields, and passes on invalid values so that the service reports them', () => {
    expect(JSON.parse(messageOf({ idempotencyKey: ' ', tenant: '' }))).toEqual({ room: {} });
    const wrong = { idempotencyKey: 'k', 'room.maximumMessageLength': '5x', metadata: '[1', neededBy: 'soon' };
    const body = messageOf(wrong);
    expect(JSON.parse(body)).toMatchObject({ room: { maximumMessageLength: '5x' }, metadata: '[1', neededBy: 'soon' });
    const paths = problemsIn(read(body)).map(({ path }) => path);
    expect(paths.toSorted()).toEqual(['metadata', 'neededBy', 'room.maximumMessageLength']);
  });

  test('contains the metadata as typed, so that no number is rounded', () => {
    const body = messageOf({ idempotencyKey: 'k', metadata: '{"id": 12345678901234567890, "$&": "$1"}' });
    expect(body).toContain('"metadata": {"id": 12345678901234567890, "$&": "$1"}\n}');
  });

  test('contains metadata that is not JSON as a string, so that it cannot end the message early', () => {
    const body = messageOf({ idempotencyKey: 'k', metadata: '{}, "tenant": "other"' });
    expect(JSON.parse(body)).toEqual({ idempotencyKey: 'k', room: {}, metadata: '{}, "tenant": "other"' });
  });

  test('contains a repeated tag only once, so the form reports the repetition', () => {
    const problems = (tags: string) => formProblems({ 'room.tags': tags }).map(({ message }) => message);
    expect(problems('a=1\nb=2')).toEqual([]);
    expect(problems('a=1\n a =2')).toEqual(['the key "a" is given twice']);
    expect(problems('a=1\nb')).toEqual(['the line "b" has no "=" between a key and a value']);
    expect(formProblems({ metadata: '{' })).toEqual([{ path: 'metadata', message: 'is not JSON' }]);
    expect(formProblems({ metadata: '{}' })).toEqual([]);
  });
});
