import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import * as z from 'zod';
import { withPresentTimes } from '../../client/placeholders.ts';
import { payloadHash } from '../../lib/contract/keys.ts';
import { problemsIn, readMessage } from '../../lib/contract/read-message.ts';

const SAMPLES = join(import.meta.dirname, '../../events/samples');
const NOW_MS = Date.parse('2026-11-02T09:00:00.000Z');

const expectedSchema = z.array(
  z.strictObject({
    line: z.int(),
    idempotencyKey: z.string().optional(),
    expect: z.union([
      z.literal('provisioned'),
      z.strictObject({ 'replay-of': z.int() }),
      z.strictObject({ failed: z.string() }),
    ]),
    problems: z.array(z.string()).optional(),
  }),
);

const bodies = readFileSync(join(SAMPLES, 'programme.ndjson'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => withPresentTimes(line, new Date(NOW_MS)));
const expected = expectedSchema.parse(JSON.parse(readFileSync(join(SAMPLES, 'programme.expected.json'), 'utf8')));
const messages = bodies.map((body) =>
  readMessage(
    { body, sentTimestampMs: NOW_MS, isFromRoster: false },
    { region: 'eu-west-1', requestMaxAgeMs: 24 * 60 * 60 * 1000, releases: true, nowMs: NOW_MS },
  ),
);
const requests = messages.filter((message) => message.kind === 'request');
const rooms = requests.map(({ request }) => request.room);

/** The outcomes of an ideal greenroom that handles the messages one after the other. */
function verdicts(): z.infer<typeof expectedSchema> {
  const taken = new Map<string, { line: number; hash: string }>();
  return messages.map((message, index) => {
    const line = index + 1;
    if (message.kind !== 'request') {
      const reason = message.kind === 'invalid' ? 'invalid-request' : 'unparseable';
      const key = message.kind === 'invalid' ? { idempotencyKey: message.idempotencyKey } : {};
      return { line, ...key, expect: { failed: reason }, problems: problemsIn(message).map(({ path }) => path) };
    }
    const { request, region } = message;
    const { idempotencyKey } = request;
    const hash = payloadHash({ room: request.room, region });
    const first = taken.get(idempotencyKey);
    if (first === undefined) {
      taken.set(idempotencyKey, { line, hash });
      return { line, idempotencyKey, expect: 'provisioned' as const };
    }
    if (first.hash === hash) return { line, idempotencyKey, expect: { 'replay-of': first.line } };
    return { line, idempotencyKey, expect: { failed: 'key-reused-with-different-payload' } };
  });
}

test('the programme has 60 lines, and each has the outcome that the expectations state', () => {
  expect(bodies).toHaveLength(60);
  const sorted = (list: z.infer<typeof expectedSchema>) =>
    list.map((entry) => (entry.problems ? { ...entry, problems: entry.problems.toSorted() } : entry));
  expect(sorted(verdicts())).toEqual(sorted(expected));
});

test('the programme has every envelope, several regions and three systems', () => {
  const seen = (values: unknown[]) => [...new Set(values)].sort();
  expect(seen(requests.map(({ envelope }) => envelope))).toEqual(['bare', 'cloudevent', 'eventbridge']);
  expect(seen(requests.filter(({ viaSns }) => viaSns).map(({ envelope }) => envelope))).toHaveLength(3);
  expect(seen(requests.map(({ region }) => region))).toHaveLength(7);
  expect(seen(requests.map(({ request }) => request.tenant))).toEqual([
    'conferences',
    'default',
    'fan-clubs',
    'sports',
  ]);
});

test('the programme uses every parameter of CreateRoom', () => {
  const used = new Set(rooms.flatMap((room) => Object.keys(room)));
  expect([...used].sort()).toEqual([
    'loggingConfigurationIdentifiers',
    'maximumMessageLength',
    'maximumMessageRatePerSecond',
    'messageReviewHandler',
    'name',
    'tags',
  ]);
  const fallbacks = new Set(rooms.map((room) => room.messageReviewHandler?.fallbackResult));
  expect(fallbacks).toEqual(new Set([undefined, 'ALLOW', 'DENY']));
});

test('the programme names only the one logging configuration that must exist, and only in its region', () => {
  const named = requests.filter(({ request }) => (request.room.loggingConfigurationIdentifiers ?? []).length > 0);
  expect(named.length).toBeGreaterThan(2);
  for (const { request, region } of named) {
    expect(request.room.loggingConfigurationIdentifiers).toEqual([
      'arn:aws:ivschat:eu-west-1:123456789012:logging-configuration/ProgrammeLog',
    ]);
    expect(region).toBe('eu-west-1');
  }
});

test('no line of the programme has a time that will be out of date', () => {
  const raw = readFileSync(join(SAMPLES, 'programme.ndjson'), 'utf8');
  expect(raw).not.toMatch(/\d{4}-\d\d-\d\dT/);
  expect(raw).toContain('{{now}}');
});

test('the programme releases a room of each kind of message, and extends one', () => {
  const wishes = requests.flatMap(({ envelope, viaSns, wish, request: { idempotencyKey } }) =>
    wish ? [{ from: viaSns ? 'sns' : envelope, idempotencyKey, afterSeconds: (wish.releaseAtMs - NOW_MS) / 1000 }] : [],
  );
  expect(wishes).toEqual([
    { from: 'eventbridge', idempotencyKey: 'matchday/semi-1/main', afterSeconds: 90 },
    { from: 'cloudevent', idempotencyKey: 'confab-2026/sessions/a103', afterSeconds: 90 },
    { from: 'bare', idempotencyKey: 'fanhub/clubs/turku-east', afterSeconds: 90 },
    { from: 'sns', idempotencyKey: 'fanhub/clubs/turku-east', afterSeconds: 120 },
  ]);
});
