import fc from 'fast-check';
import { type Hostile, type RequestJson, requests, toJson } from './hostile-requests.ts';

const EVENTBRIDGE = { version: '0', 'detail-type': 'Room Requested', source: 'test' };
const CLOUDEVENT = { specversion: '1.0', type: 'greenroom.room.requested.v1', id: '1', source: '/test' };
const NOTIFICATION = { Type: 'Notification', MessageId: '1' };

/** Envelopes for a request in JSON. The text is inserted unchanged, because parsing it could lose `__proto__`. */
const ENVELOPES: ((json: string) => string)[] = [
  (json) => json,
  (json) => withMember(EVENTBRIDGE, 'detail', json),
  (json) => withMember(CLOUDEVENT, 'data', json),
  (json) => toJson({ ...CLOUDEVENT, data_base64: Buffer.from(json).toString('base64') }),
];

/** Puts requests into random envelopes, with and without an SNS notification. */
export function inAnyEnvelope(made: fc.Arbitrary<RequestJson>): fc.Arbitrary<Hostile> {
  return fc.tuple(made, fc.constantFrom(...ENVELOPES), fc.boolean()).map(([{ json, key }, wrap, viaSns]) => {
    const event = wrap(json);
    return { body: viaSns ? toJson({ ...NOTIFICATION, Message: event }) : event, key };
  });
}

export function brokenNotifications(): fc.Arbitrary<Hostile> {
  const unreadable = fc.oneof(
    fc.constantFrom<unknown>(undefined, null, 0, true, '', ' ', 'null', '[]', '"text"', '{', [], {}, 'Room Requested'),
    requests().map(({ json }) => json.slice(0, -1)),
    requests().map(({ json }) => JSON.parse(json)),
    requests().map(({ json }) => [json]),
    // In a notification within a notification, only the outer one is removed.
    requests().map(({ json }) => toJson({ ...NOTIFICATION, Message: json })),
    requests().map(({ json }) => JSON.stringify(json)),
  );
  const broken = unreadable.map((Message) => ({ body: toJson({ ...NOTIFICATION, Message }) }));
  const misplaced = requests().map(({ json }) => ({ body: withMember(NOTIFICATION, 'room', json) }));
  return fc.oneof(
    broken,
    misplaced,
    withBadTime((json, Timestamp) => toJson({ ...NOTIFICATION, Message: json, Timestamp })),
  );
}

export function brokenEventBridgeEvents(): fc.Arbitrary<Hostile> {
  const broken = noRequest().map((detail) => ({ body: toJson({ ...EVENTBRIDGE, detail }) }));
  const types = fc.constantFrom<unknown>('room requested', 'Room Requested ', '', 1, {}, ['Room Requested']);
  const otherType = fc.tuple(requests(), types).map(([{ json, key }, type]) => ({
    body: withMember({ ...EVENTBRIDGE, 'detail-type': type }, 'detail', json),
    key,
  }));
  const misplaced = requests().map(({ json }) => ({ body: withMember(EVENTBRIDGE, 'Detail', json) }));
  const badTime = withBadTime((json, time) => withMember({ ...EVENTBRIDGE, time }, 'detail', json));
  return fc.oneof(broken, otherType, misplaced, badTime);
}

export function brokenCloudEvents(): fc.Arbitrary<Hostile> {
  const base64 = fc.oneof(
    fc.constantFrom<unknown>(null, 1, {}, '', '=', '====', '!!!', '🎭', 'e30', 'bnVsbA==', 'W10=', '/w==', '7aCA'),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => `00${Buffer.from(bytes).toString('base64')}`),
    requests().map(({ json }) => Buffer.from(json.slice(0, -1)).toString('base64')),
    requests().map(({ json }) => Buffer.from(json, 'utf16le').toString('base64')),
    requests().map(({ json }) => json),
  );
  const broken = noRequest().map((data) => ({ body: toJson({ ...CLOUDEVENT, data }) }));
  const garbage = base64.map((data_base64) => ({ body: toJson({ ...CLOUDEVENT, data_base64 }) }));
  // If there are two payloads, `data` counts, even if it is empty.
  const both = fc.tuple(requests(), fc.constantFrom<unknown>('', 0, false, [])).map(([{ json }, data]) => ({
    body: toJson({ ...CLOUDEVENT, data, data_base64: Buffer.from(json).toString('base64') }),
  }));
  const others = fc.constantFrom(
    { specversion: '0.3' },
    { specversion: 1 },
    { type: 'greenroom.room.requested.v2' },
    { type: null },
  );
  const otherType = fc.tuple(requests(), others).map(([{ json, key }, members]) => ({
    body: withMember({ ...CLOUDEVENT, ...members }, 'data', json),
    key,
  }));
  const badTime = withBadTime((json, time) => withMember({ ...CLOUDEVENT, time }, 'data', json));
  return fc.oneof(broken, garbage, both, otherType, badTime);
}

/** Values in the place of a request that are not requests. */
function noRequest(): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.constantFrom<unknown>(undefined, null, true, 0, '', 'text', [], {}, [[]]),
    requests().map(({ json }) => json),
    requests().map(({ json }) => [JSON.parse(json)]),
    requests().map(({ json }) => ({ detail: JSON.parse(json) })),
  );
}

function withBadTime(wrap: (json: string, time: unknown) => string): fc.Arbitrary<Hostile> {
  const times = fc.constantFrom<unknown>(0, '', 'now', '2026-11-02', '2026-11-02T09:00:00', '2026-13-02T09:00:00Z', {});
  return fc.tuple(requests(), times).map(([{ json, key }, time]) => ({ body: wrap(json, time), key }));
}

function withMember(members: object, name: string, json: string): string {
  return `${toJson(members).slice(0, -1)},"${name}":${json}}`;
}
