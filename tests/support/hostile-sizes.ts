import fc from 'fast-check';
import type { Hostile } from './hostile-requests.ts';

const LEVELS = 100_000;
/** The maximum message size of a request queue: infrastructure/queues.yml. */
export const MAX_BODY_BYTES = 983_040;

const KEY = 'hostile';
const KEY_JSON = `"idempotencyKey":"${KEY}"`;

export function deepNesting(): fc.Arbitrary<Hostile> {
  const lists = '['.repeat(LEVELS) + ']'.repeat(LEVELS);
  const objects = `${'{"a":'.repeat(LEVELS)}1${'}'.repeat(LEVELS)}`;
  const deep = fc.constantFrom(lists, objects);
  return fc.oneof(
    deep.map((json) => ({ body: json })),
    fc.constantFrom('[', '{"a":', '{"room":').map((open) => ({ body: open.repeat(LEVELS) })),
    deep.map((json) => ({ body: `{"idempotencyKey":${json},"room":{}}` })),
    deep.map((json) => ({ body: `{${KEY_JSON},"room":${json}}`, key: KEY })),
    deep.map((json) => ({ body: `{${KEY_JSON},"room":{"tags":{"a":${json}}}}`, key: KEY })),
    deep.map((json) => ({ body: `{${KEY_JSON},"room":{"loggingConfigurationIdentifiers":[${json}]}}`, key: KEY })),
    deep.map((json) => ({ body: `{${KEY_JSON},"room":{},"__proto__":${json}}`, key: KEY })),
    deep.map((json) => ({ body: `{"detail-type":"Room Requested","time":${lists},"detail":${json}}` })),
    deep.map((json) => ({ body: JSON.stringify({ Type: 'Notification', Message: json }) })),
  );
}

export function largeBodies(): fc.Arbitrary<Hostile> {
  const room = `{${KEY_JSON},"room":{`;
  return fc.constantFrom<Hostile>(
    { body: filled('', ' ', '') },
    { body: filled('', '[', '') },
    { body: filled('"', '🎭', '"') },
    { body: filled('{"room":{},"idempotencyKey":"', 'k', '"}') },
    { body: filled('{"room":{},"idempotencyKey":"', ' ', '"}') },
    { body: filled(`{${KEY_JSON},"room":{"name":"`, 'n', '') },
    { body: filled('{"Type":"Notification","Message":"', '[', '"}') },
    { body: filled('{"specversion":"1.0","data_base64":"', 'W1tb', '"}') },
    { body: filled(`${room}"name":"`, 'é', '"}}'), key: KEY },
    { body: filled(`${room}"messageReviewHandler":{"uri":"`, 'arn:aws:lambda:', '"}}}'), key: KEY },
    { body: filled(`${room}"tags":{"`, '\\u0000', '":""}}}'), key: KEY },
    { body: filled(`${room}"tags":{"a":"`, '\\"', '"}}}'), key: KEY },
    { body: filled(`${room}"loggingConfigurationIdentifiers":[1`, ',1', ']}}'), key: KEY },
    { body: filled(`{${KEY_JSON},"room":{},"neededBy":"2026-11-02T09:00:00.`, '0', 'Z+"}'), key: KEY },
    {
      body: filled(
        `${room}"a":0`,
        numbered(50_000, (number) => `,"f${number}":0`),
        '}}',
      ),
      key: KEY,
    },
    {
      body: filled(
        `${room}"tags":{"a":0`,
        numbered(50_000, (number) => `,"t${number}":0`),
        '}}}',
      ),
      key: KEY,
    },
    {
      body: filled(
        `${room}"tags":{"a":0`,
        numbered(999, (number) => `,"${'!'.repeat(950)}${number}":0`),
        '}}}',
      ),
      key: KEY,
    },
  );
}

/** Repeats `unit` as often as the maximum size allows, and fills the rest with spaces. */
function filled(before: string, unit: string, after: string): string {
  const freeBytes = MAX_BODY_BYTES - Buffer.byteLength(before + after);
  const count = Math.floor(freeBytes / Buffer.byteLength(unit));
  return before + unit.repeat(count) + after + ' '.repeat(freeBytes - count * Buffer.byteLength(unit));
}

function numbered(count: number, member: (number: number) => string): string {
  return Array.from({ length: count }, (_, number) => member(number)).join('');
}
