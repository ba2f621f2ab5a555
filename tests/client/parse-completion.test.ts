import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseCompletion, parseCompletions } from '../../client/api/parse-completion.ts';
import { HOSTILE_KINDS } from '../support/hostile-bodies.ts';

const FOLDER = 'events/samples';
const read = (name: string) => readFileSync(join(FOLDER, `${name}.json`), 'utf8');
const published = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''))
  .filter((name) => read(name).includes('"source": "/greenroom/'));

const ATTRIBUTES = { lane: 'interactive', metadata: '{"order":7}' };
const FORMS: Record<string, (body: string) => unknown> = {
  'the text of a message': (body) => body,
  'the event itself': (body) => JSON.parse(body),
  'a message of ReceiveMessage': (body) => ({
    MessageId: '1',
    Body: body,
    MessageAttributes: {
      lane: { DataType: 'String', StringValue: 'interactive' },
      metadata: { DataType: 'String', StringValue: ATTRIBUTES.metadata },
    },
  }),
  'an SQS record of a Lambda event': (body) => ({
    messageId: '1',
    body,
    attributes: { SentTimestamp: '0' },
    messageAttributes: {
      lane: { dataType: 'String', stringValue: 'interactive', stringListValues: [] },
      metadata: { dataType: 'String', stringValue: ATTRIBUTES.metadata },
    },
  }),
  'the text of an SNS notification': (body) => JSON.stringify(notification(body)),
  'an SQS record with an SNS notification': (body) => ({
    body: JSON.stringify(notification(body)),
    messageAttributes: {},
  }),
  'an SNS record of a Lambda event': (body) => ({ EventSource: 'aws:sns', Sns: notification(body) }),
  'an EventBridge event': (body) => ({
    version: '0',
    'detail-type': 'greenroom',
    source: 'pipe',
    detail: JSON.parse(body),
  }),
};

function notification(body: string) {
  return {
    Type: 'Notification',
    MessageId: '1',
    TopicArn: 'arn:aws:sns:eu-west-1:123456789012:greenroom-prod-completions',
    Message: body,
    MessageAttributes: {
      lane: { Type: 'String', Value: 'interactive' },
      metadata: { Type: 'String', Value: ATTRIBUTES.metadata },
    },
  };
}

describe.each(Object.entries(FORMS))('%s', (form, wrap) => {
  const hasAttributes = !['the text of a message', 'the event itself', 'an EventBridge event'].includes(form);

  test.each(published)('with the sample %s', (name) => {
    const event = JSON.parse(read(name));
    expect(parseCompletion(wrap(read(name)))).toEqual({
      kind: name.replace('room-failed-invalid', 'room-failed'),
      id: event.id,
      event,
      attributes: hasAttributes ? ATTRIBUTES : {},
      ...(hasAttributes && { metadata: { order: 7 } }),
    });
  });
});

test('the samples contain every kind of event', () => {
  const kinds = new Set(published.map((name) => parseCompletion(read(name)).kind));
  expect(kinds.size).toBe(9);
});

describe('an event that this release cannot read', () => {
  const event = JSON.parse(read('room-provisioned'));

  test('of a later version is of an unknown type, with its id', () => {
    const later = { ...event, type: 'greenroom.room.provisioned.v2', data: { anything: 1 } };
    const attributes = {};
    const { id, type } = later;
    expect(parseCompletion(later)).toEqual({ kind: 'unknown-type', id, type, event: later, attributes });
  });

  test('with new fields is read without them', () => {
    const more = { ...event, data: { ...event.data, colour: 'green' } };
    expect(parseCompletion(more)).toMatchObject({ kind: 'room-provisioned', event });
  });

  test('that violates the contract is unreadable, and names its id and its problems', () => {
    const { id, type } = event;
    const broken = { ...event, data: { ...event.data, region: 'mars-1', generation: -1 } };
    const problem = expect.stringMatching(/data\.region: .*; data\.generation: /);
    expect(parseCompletion(broken)).toEqual({ kind: 'unreadable', id, type, problem });
  });

  test.each([
    ['no JSON', 'hello', 'not JSON'],
    ['nothing', undefined, 'not an object'],
    ['a list', [], 'not an object'],
    ['another object', {}, 'neither'],
    ['a request to confirm a subscription', { Type: 'SubscriptionConfirmation', Message: 'You…' }, 'confirm'],
    ['a Lambda event', { Records: [] }, 'parseCompletions'],
    ['an event without a type', { specversion: '1.0' }, 'no type'],
    ['an endless envelope', JSON.parse(`${'{"detail":'.repeat(20)}{}${'}'.repeat(20)}`), 'too many envelopes'],
  ])('%s', (_title, input, problem) => {
    expect(parseCompletion(input)).toEqual({ kind: 'unreadable', problem: expect.stringContaining(problem) });
  });

  test.each(Object.entries(HOSTILE_KINDS))('%s never makes it throw', (_kind, { bodies }) => {
    const isResult = (input: unknown) => typeof parseCompletion(input).kind === 'string';
    fc.assert(
      fc.property(bodies, ({ body }) => isResult(body) && isResult({ body })),
      { numRuns: 5 },
    );
  });
});

describe('a value whose members throw', () => {
  const fail = () => {
    throw new Error('no');
  };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const unreadable = { kind: 'unreadable', problem: expect.stringContaining('cannot be read') };

  test.each<[string, unknown]>([
    ['an envelope', Object.defineProperty({}, 'body', { get: fail })],
    ['a batch', Object.defineProperty({}, 'Records', { get: fail })],
    ['an event', Object.defineProperty({ specversion: '1.0', type: 'greenroom.room.failed.v1' }, 'id', { get: fail })],
    ['a proxy', new Proxy({}, { get: fail })],
    ['a revoked proxy', revoked.proxy],
  ])('%s is unreadable', (_title, input) => {
    expect(parseCompletions(input)).toEqual([unreadable]);
    expect(parseCompletions([input])).toEqual([unreadable]);
    expect(parseCompletion(input)).toMatchObject({ kind: 'unreadable' });
  });
});

describe('a batch', () => {
  const record = (body: string) => ({ messageId: body.length, body });

  test('has a result for each record, in the same order', () => {
    const Records = [record(read('room-failed')), record('hello'), record(read('room-released'))];
    const kinds = ['room-failed', 'unreadable', 'room-released'];
    expect(parseCompletions({ Records }).map(({ kind }) => kind)).toEqual(kinds);
    expect(parseCompletions(Records).map(({ kind }) => kind)).toEqual(kinds);
    expect(parseCompletions({ Messages: Records }).map(({ kind }) => kind)).toEqual(kinds);
  });

  test.each([
    ['the SDK returns', { $metadata: { httpStatusCode: 200 } }],
    ['an older SDK returns', { $metadata: { httpStatusCode: 200 }, Messages: undefined }],
    ['has an empty list', { Messages: [] }],
  ])('of a response without messages, as %s, has no result', (_title, response) => {
    expect(parseCompletions(response)).toEqual([]);
  });

  test('with holes has a result for each of them', () => {
    expect(parseCompletions(new Array(2)).map((each) => each?.kind)).toEqual(['unreadable', 'unreadable']);
  });

  test('anything else counts as one message', () => {
    expect(parseCompletions(read('room-failed'))).toEqual([parseCompletion(read('room-failed'))]);
    expect(parseCompletions(undefined)).toHaveLength(1);
  });
});
