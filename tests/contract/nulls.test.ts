import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { readManifest } from '../../lib/bulk/read-manifest.ts';
import { parseLiveEventMessage } from '../../lib/contract/live-event-message.ts';
import { withoutNullFields } from '../../lib/contract/nulls.ts';
import { cloudEvent, DEFAULTS, eventBridge, problems, REQUEST, read, SENT_MS, sns } from './messages.ts';

const UNSET = {
  region: null,
  tenant: null,
  correlationId: null,
  neededBy: null,
  roster: null,
  metadata: null,
};
const UNSET_ROOM = {
  maximumMessageRatePerSecond: null,
  messageReviewHandler: { uri: null, fallbackResult: null },
  tags: { sponsor: null, event: 'final' },
  loggingConfigurationIdentifiers: null,
};

describe('an optional field that is null is absent', () => {
  const request = { idempotencyKey: 'k', ...UNSET, room: { name: 'hall', ...UNSET_ROOM } };
  const room = { name: 'hall', messageReviewHandler: {}, tags: { event: 'final' } };

  /**
   * "Unset attributes MAY be encoded to the JSON value of null. When decoding attributes and a null value is encountered, it MUST be
   * treated as the equivalent of unset or omitted.": section 2.2 of
   * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
   */
  const ofCloudEvent = cloudEvent({ data: request, time: null, subject: null, traceparent: null, data_base64: null });

  test.each([
    ['a bare request', request],
    ['an EventBridge event', eventBridge(request, { time: null, resources: null })],
    ['a CloudEvent', ofCloudEvent],
    [
      'a CloudEvent with its data in base64',
      cloudEvent({ data: null, data_base64: Buffer.from(JSON.stringify(request)).toString('base64') }),
    ],
    ['an SNS notification', sns(ofCloudEvent, { Timestamp: null, Subject: null })],
    ['a request with unset fields of envelopes', { ...request, 'detail-type': null, specversion: null }],
  ])('in %s', (_, body) => {
    expect(read(body, { isFromRoster: false })).toMatchObject({
      kind: 'request',
      request: { idempotencyKey: 'k', room, tenant: 'default' },
      sentAtMs: SENT_MS,
      region: 'eu-west-1',
    });
  });

  test('in a live event', () => {
    const event = {
      type: null,
      liveEventId: 'e',
      revision: 1,
      startsAt: '2026-12-18T19:00:00Z',
      timezone: null,
      leadTime: null,
      atRiskTime: null,
      correlationId: null,
      rooms: [{ key: 'main', room: { name: 'hall', tags: null }, region: null }],
    };
    const parsed = parseLiveEventMessage(JSON.stringify(event), { ...DEFAULTS, leadMs: 1_800_000, atRiskMs: 600_000 });
    expect(parsed).toMatchObject({ kind: 'scheduled', plan: { event: { rooms: [{ key: 'main' }] } } });
  });

  test.each([
    ['rooms.ndjson', (row: object) => JSON.stringify(row)],
    ['rooms.json', (row: object) => JSON.stringify([row])],
  ])('in a row of %s', async (name, textOf) => {
    const row = { key: null, room: { name: 'hall', ...UNSET_ROOM }, region: null, tenant: null };
    const bytes = Readable.from([Buffer.from(textOf(row))]);
    const { value: read } = await readManifest(bytes, name, 'eu-west-1').next();
    expect(read).toMatchObject({ kind: 'row', value: { room, tenant: 'default' } });
  });
});

describe('a required field that is null is reported as a missing one is:', () => {
  test.each([
    ['idempotencyKey', { idempotencyKey: null, room: {} }, { room: {} }],
    ['room', { idempotencyKey: 'k', room: null }, { idempotencyKey: 'k' }],
    ['detail', eventBridge(null), eventBridge(undefined)],
    ['data', cloudEvent({ data: null }), cloudEvent({})],
    ['type', { ...cloudEvent({ data: REQUEST }), type: null }, { ...cloudEvent({ data: REQUEST }), type: undefined }],
    ['Message', { ...sns(''), Message: null }, { ...sns(''), Message: undefined }],
  ])('%s', (_, asNull, asMissing) => {
    expect(problems(asNull)).toEqual(problems(asMissing));
  });

  test('the problem says that it is required', () => {
    expect(problems({ idempotencyKey: 'k', room: null })).toEqual(['room: is required']);
  });
});

test('null stays an error where it is a value: in a list, and as the whole message', () => {
  expect(problems({ idempotencyKey: 'k', room: { loggingConfigurationIdentifiers: [null] } })).toEqual([
    expect.stringMatching(/^room\.loggingConfigurationIdentifiers\[0\]: /),
  ]);
  expect(read(null).kind).toBe('unparseable');
});

test("the content of metadata is the sender's own, so its nulls stay", () => {
  expect(withoutNullFields({ metadata: { order: null }, region: null })).toEqual({ metadata: { order: null } });
});

test('a deeply nested message is refused, and causes no exception in the reader', () => {
  const nested = `{"idempotencyKey":"k","room":${'[null,'.repeat(100_000)}1${']'.repeat(100_000)}}`;
  expect(read(nested)).toMatchObject({ kind: 'invalid', problems: [{ path: 'room' }] });
});
