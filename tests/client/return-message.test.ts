import { describe, expect, test } from '@jest/globals';
import type { ParkedMessage } from '../../client/operate/parked-message.ts';
import { returnMessage } from '../../client/operate/return-message.ts';
import type { ParkedNote } from '../../lib/contract/parked-note.ts';

/** All parked messages of this file were first sent at this time. */
const WISHED_AT = { 'greenroom-wished-at': '2026-01-01T00:00:00.000Z' };
const ARN = 'arn:aws:sqs:eu-west-1:000000000000:greenroom-prod-';

function parked(queue: string, note: Partial<ParkedNote> = {}): ParkedMessage {
  const known = { reason: 'dead-lettered', messageId: 'm', receiveCount: 3 };
  const times = { sentAt: '2026-01-01T00:00:00.000Z', parkedAt: '2026-01-02T00:00:00.000Z' };
  return {
    id: 'id',
    parkedAt: times.parkedAt,
    idempotencyKey: 'key',
    tenant: 'sports',
    sizeBytes: 4,
    body: 'body',
    note: { ...known, ...times, sourceQueue: `${ARN}${queue}`, originalAttributes: {}, ...note },
  };
}

/** The queue to which a message would be sent back, with its attributes. */
function sent(message: ParkedMessage, neededBy?: string) {
  const returned = returnMessage(message, { stage: 'prod', ...(neededBy !== undefined && { neededBy }) });
  if (returned.kind === 'unsendable') return returned.problem;
  const attributes = Object.entries(returned.message.MessageAttributes ?? {});
  return [returned.queue, Object.fromEntries(attributes.map(([name, { StringValue }]) => [name, StringValue]))];
}

describe('a parked request', () => {
  test.each([
    ['interactive', 'interactive'],
    ['bulk', 'bulk'],
    ['bulk-dead-letters', 'bulk'],
    ['redrive', 'interactive'],
  ])('of the queue %s goes to the redrive queue, for the lane %s', (queue, lane) => {
    expect(sent(parked(queue, { isFromRoster: false }))).toEqual(['redrive', { 'greenroom-lane': lane, ...WISHED_AT }]);
  });

  test.each([
    [8, true],
    [9, false],
  ])('with %d attributes of its own keeps the time at which it was first sent: %s', (count, isKept) => {
    const own = Array.from({ length: count }, (_, index) => [`a${index}`, { dataType: 'String', stringValue: 'v' }]);
    const [queue, attributes] = sent(
      parked('interactive', { isFromRoster: false, originalAttributes: Object.fromEntries(own) }),
    );
    expect(queue).toBe('redrive');
    expect('greenroom-wished-at' in Object(attributes)).toBe(isKept);
    expect(Object.keys(Object(attributes))).toHaveLength(10);
  });

  test('that was sent back before keeps its lane, but no other attribute of that time', () => {
    const text = (stringValue: string) => ({ dataType: 'String', stringValue });
    const originalAttributes = {
      trace: text('t'),
      'greenroom-lane': text('bulk'),
      'greenroom-needed-by': text('2026-01-01T00:00:00Z'),
      'greenroom-sent-at': text('2026-01-01T00:00:00Z'),
      'greenroom-from-roster': text('true'),
    };
    expect(sent(parked('redrive', { isFromRoster: false, originalAttributes }))).toEqual([
      'redrive',
      { trace: 't', 'greenroom-lane': 'bulk', ...WISHED_AT },
    ]);
  });

  test.each([
    ['by a function of greenroom', { isFromRoster: true }, 'true'],
    ['by another sender', { isFromRoster: false }, undefined],
    ['by an unknown sender, as in notes of earlier releases', {}, 'true'],
  ])('states that it was sent %s', (_who, note, said) => {
    const lane = { 'greenroom-lane': 'bulk', ...WISHED_AT };
    expect(sent(parked('bulk', note))).toEqual([
      'redrive',
      said === undefined ? lane : { ...lane, 'greenroom-from-roster': said },
    ]);
  });

  test('may be given more time', () => {
    const neededBy = '2026-02-01T00:00:00Z';
    expect(sent(parked('bulk', { isFromRoster: false }), neededBy)).toEqual([
      'redrive',
      { 'greenroom-lane': 'bulk', 'greenroom-needed-by': neededBy, ...WISHED_AT },
    ]);
  });

  const EARLIER = '2025-12-24T00:00:00.000Z';
  const LATER = '2026-01-01T12:00:00.000Z';
  const stated = (stringValue: string) => ({ 'greenroom-wished-at': { dataType: 'String', stringValue } });
  test.each<[string, string, Partial<ParkedNote>, string]>([
    ['its note', 'redrive', { wishedAt: EARLIER }, EARLIER],
    [
      'its attribute, if an earlier release parked it again',
      'redrive',
      { originalAttributes: stated(EARLIER) },
      EARLIER,
    ],
    ['its own time, if neither states another', 'interactive', {}, WISHED_AT['greenroom-wished-at']],
    ['its own time, if the note states a later one', 'bulk', { wishedAt: LATER }, WISHED_AT['greenroom-wished-at']],
    ['its own time, if a sender has set the attribute', 'bulk', { originalAttributes: stated(EARLIER) }, LATER],
    ['its own time, if the attribute is unreadable', 'redrive', { originalAttributes: stated('soon') }, LATER],
  ])('states when it was first sent: the time in %s', (_what, queue, note, expected) => {
    const sentAt = expected === LATER ? { sentAt: LATER } : {};
    expect(sent(parked(queue, { isFromRoster: false, ...note, ...sentAt }))).toEqual([
      'redrive',
      expect.objectContaining({ 'greenroom-wished-at': expected }),
    ]);
  });

  test('of another stage stays parked', () => {
    expect(sent(parked('interactive', { sourceQueue: `${ARN.replace('prod', 'dev')}interactive` }))).toMatch(
      /not a queue of this stage/,
    );
  });
});

test.each([
  ['a live event', 'live-events', 'live-events'],
  ['a dead letter of a live event', 'live-events-dead-letters', 'live-events'],
  ['a notice about a manifest', 'manifests', 'manifests'],
  ['a completion for a member', 'rosters', 'rosters'],
])('%s goes back to its own queue unchanged', (_what, from, queue) => {
  const originalAttributes = { roster: { dataType: 'String', stringValue: 'r' } };
  const message = parked(from, { originalAttributes });
  expect(sent(message, '2026-02-01T00:00:00Z')).toEqual([queue, { roster: 'r' }]);
});
