import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { withPresentTimes } from '../../client/placeholders.ts';
import { completionSchema } from '../../lib/contract/completion.ts';
import { keyEdgeProblems } from '../../lib/contract/key-edges.ts';
import { parseLiveEventMessage } from '../../lib/contract/live-event-message.ts';
import { withoutNullFields } from '../../lib/contract/nulls.ts';
import { otherRegionProblems } from '../../lib/contract/other-regions.ts';
import { readMessage } from '../../lib/contract/read-message.ts';
import { releaseCommandSchema } from '../../lib/contract/release-command.ts';
import { releaseEventSchema } from '../../lib/contract/release-event.ts';
import { roomRequestSchema } from '../../lib/contract/room-request.ts';
import { rosterEventSchema } from '../../lib/contract/roster-event.ts';

const ROOT = join(import.meta.dirname, '../..');
const NOW_MS = Date.parse('2026-11-02T09:00:00.000Z');

// The format `date-time` is only an annotation. The pattern decides.
const ajv = new Ajv2020({ strict: true, allErrors: true, formats: { 'date-time': true } });

function schema(name: string) {
  return ajv.compile(JSON.parse(readFileSync(join(ROOT, `events/schemas/${name}.schema.json`), 'utf8')));
}

function sampleText(name: string): string {
  return withPresentTimes(readFileSync(join(ROOT, 'events/samples', name), 'utf8'), new Date(NOW_MS));
}

const bare = schema('room-request');
const eventBridge = schema('room-requested.eventbridge');
const cloudEvent = schema('room-requested.cloudevent');
const provisioned = schema('room-provisioned');
const failed = schema('room-failed');

const REQUESTS = {
  'bare.json': { validate: bare, envelope: 'bare', viaSns: false },
  'eventbridge.json': { validate: eventBridge, envelope: 'eventbridge', viaSns: false },
  'cloudevent.json': { validate: cloudEvent, envelope: 'cloudevent', viaSns: false },
  'sns.json': { validate: bare, envelope: 'bare', viaSns: true },
  'sns-eventbridge.json': { validate: eventBridge, envelope: 'eventbridge', viaSns: true },
  'sns-cloudevent.json': { validate: cloudEvent, envelope: 'cloudevent', viaSns: true },
};
const releaseCommand = schema('release-command');
const COMMANDS = {
  'release-command.json': { validate: releaseCommand, isNow: false },
  'release-command-now.json': { validate: schema('release-command.cloudevent'), isNow: true },
  'release-command-keep.json': { validate: schema('release-command.eventbridge'), isNow: false },
};
const RELEASE_EVENTS = {
  'room-released.json': schema('room-released'),
  'release-scheduled.json': schema('release-scheduled'),
  'release-failed.json': schema('release-failed'),
};
const LIVE_EVENTS = {
  'live-event.json': { validate: schema('live-event-scheduled'), kind: 'scheduled' },
  'live-event-rescheduled.json': { validate: schema('live-event-scheduled.eventbridge'), kind: 'scheduled' },
  'live-event-cancelled.json': { validate: schema('live-event-cancelled.cloudevent'), kind: 'cancelled' },
};
const COMPLETIONS = {
  'room-provisioned.json': provisioned,
  'room-failed.json': failed,
  'room-failed-invalid.json': failed,
};
const ROSTER_EVENTS = {
  'roster-completed.json': schema('roster-completed'),
  'roster-failed.json': schema('roster-failed'),
  'roster-at-risk.json': schema('roster-at-risk'),
  'roster-cancelled.json': schema('roster-cancelled'),
};
const PROGRAMME = ['programme.ndjson', 'programme.expected.json'];
const MANIFESTS = ['rooms.csv', 'rooms.ndjson', 'rooms.json'];

describe('the samples', () => {
  test('are all used here or in the programme', () => {
    const used = [
      ...[REQUESTS, COMMANDS, LIVE_EVENTS, COMPLETIONS, RELEASE_EVENTS, ROSTER_EVENTS].flatMap(Object.keys),
      ...PROGRAMME,
      ...MANIFESTS,
    ];
    expect(readdirSync(join(ROOT, 'events/samples')).sort()).toEqual(used.sort());
  });

  test.each(Object.entries(REQUESTS))(
    '%s is a room request according to its schema and to the reader',
    (name, sample) => {
      const body = sampleText(name);
      const event = JSON.parse(body);
      sample.validate(sample.viaSns ? JSON.parse(event.Message) : event);
      expect(sample.validate.errors).toBeNull();
      const read = readMessage(
        { body, sentTimestampMs: NOW_MS, isFromRoster: true },
        { region: 'eu-west-1', requestMaxAgeMs: 1000, releases: true, nowMs: NOW_MS },
      );
      expect(read).toMatchObject({ kind: 'request', envelope: sample.envelope, viaSns: sample.viaSns });
    },
  );

  test.each(Object.entries(COMMANDS))(
    '%s is a release command according to its schema and to the reader',
    (name, { validate, isNow }) => {
      const body = sampleText(name);
      validate(JSON.parse(body));
      expect(validate.errors).toBeNull();
      const read = readMessage(
        { body, sentTimestampMs: NOW_MS, isFromRoster: false },
        { region: 'eu-west-1', requestMaxAgeMs: 1000, releases: true, nowMs: NOW_MS },
      );
      expect(read).toMatchObject({ kind: 'release', isNow });
    },
  );

  test.each(Object.entries(RELEASE_EVENTS))(
    '%s is an event about a release according to its schema and to the reader',
    (name, validate) => {
      const event = JSON.parse(sampleText(name));
      validate(event);
      expect(validate.errors).toBeNull();
      expect(releaseEventSchema.parse(event)).toEqual(event);
    },
  );

  test.each(Object.entries(LIVE_EVENTS))(
    '%s is a live event according to its schema and to the reader',
    (name, sample) => {
      const body = sampleText(name);
      sample.validate(JSON.parse(body));
      expect(sample.validate.errors).toBeNull();
      const read = parseLiveEventMessage(body, {
        leadMs: 1_800_000,
        atRiskMs: 600_000,
        releases: true,
        region: 'eu-west-1',
        nowMs: NOW_MS,
      });
      expect(read).toMatchObject({ kind: sample.kind, ...(sample.kind === 'scheduled' && { overdue: [] }) });
    },
  );

  test.each(Object.entries(COMPLETIONS))(
    '%s is a completion according to its schema and to the reader',
    (name, validate) => {
      const event = JSON.parse(sampleText(name));
      validate(event);
      expect(validate.errors).toBeNull();
      expect(completionSchema.parse(event)).toEqual(event);
    },
  );

  test.each(Object.entries(ROSTER_EVENTS))(
    '%s is a roster event according to its schema and to the reader',
    (name, validate) => {
      const event = JSON.parse(sampleText(name));
      validate(event);
      expect(validate.errors).toBeNull();
      expect(rosterEventSchema.parse(event)).toEqual(event);
    },
  );

  test('rooms.json and rooms.ndjson have the same rows, which match the schema of a row', () => {
    const rows: unknown[] = JSON.parse(sampleText('rooms.json'));
    const lines = sampleText('rooms.ndjson').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(rows);
    const row = schema('manifest-row');
    for (const each of rows) expect([row(each), row.errors]).toEqual([true, null]);
  });

  test('the two kinds of completion have schemas that exclude each other', () => {
    expect(failed(JSON.parse(sampleText('room-provisioned.json')))).toBe(false);
    expect(provisioned(JSON.parse(sampleText('room-failed.json')))).toBe(false);
  });
});

describe('the schema of a room request', () => {
  const LOGGING = ['eu-west-1', 'us-east-1', 'mars'].map((each) => `arn:aws:ivschat:${each}:1:logging-configuration/a`);
  const FUNCTIONS = ['eu-west-1', 'us-east-1', 'mars'].map((each) => `arn:aws:lambda:${each}:123456789012:function:f`);
  const strings = fc.oneof(
    fc.constantFrom(
      '',
      ' ',
      ' a',
      'a\u00a0',
      '\u200ba',
      'a',
      'aws:x',
      'AWS:x',
      'greenroom:x',
      'a,b',
      'é'.repeat(128),
      '\n',
    ),
    fc.constantFrom('𝒳'.repeat(128), '𝒳'.repeat(129), '𝒳'.repeat(256), '𝒳'.repeat(257)),
    fc.string({ unit: 'grapheme', maxLength: 4 }),
  );
  const anything = fc.oneof(strings, fc.integer({ min: -1, max: 501 }), fc.constantFrom(null, 1.5, [], {}));
  const times = ['2026-12-18T14:00:00Z', '2026-12-18T14:00:00.5+01:00', '2026-12-18T14:00:00', '2026-02-30T00:00:00Z'];
  const rfc3339 = ['2026-12-18t14:00:00z', '2026-12-18T14:00:00+0000', '2026-12-31T23:59:60Z', '2026-12-18 14:00:00Z'];

  const roomMembers = fc.oneof(
    fc.record({ name: anything }),
    fc.record({ maximumMessageRatePerSecond: anything }),
    fc.record({ maximumMessageLength: anything }),
    fc.record({ messageReviewHandler: fc.oneof(anything, fc.record({ uri: anything })) }),
    fc.record({ messageReviewHandler: fc.record({ uri: fc.constantFrom(...FUNCTIONS, '') }) }),
    fc.record({ messageReviewHandler: fc.record({ fallbackResult: fc.constantFrom('ALLOW', 'DENY', 'allow') }) }),
    fc.record({ tags: fc.oneof(anything, fc.dictionary(strings, strings, { maxKeys: 3 })) }),
    fc.record({ tags: fc.dictionary(fc.stringMatching(/^[a-z]{2}$/), fc.constant('v'), { minKeys: 45, maxKeys: 50 }) }),
    fc.record({ loggingConfigurationIdentifiers: fc.array(fc.constantFrom(...LOGGING, 'arn'), { maxLength: 4 }) }),
    fc.dictionary(fc.string(), anything, { maxKeys: 1 }),
  );
  const requestMembers = fc.oneof(
    fc.record({ idempotencyKey: anything }),
    fc.record({ room: anything }),
    fc.record({ region: fc.constantFrom('eu-west-1', 'us-east-1', 'eu-west-3', null) }),
    fc.record({ tenant: anything }),
    fc.record({ correlationId: anything }),
    fc.record({ neededBy: fc.constantFrom(...times, ...rfc3339, null) }),
    fc.record({ roster: anything }),
    fc.record({ releaseAt: fc.constantFrom(...times, ...rfc3339, null) }),
    fc.dictionary(fc.string(), anything, { maxKeys: 1 }),
  );

  test('accepts exactly what the reader accepts', () => {
    const verdicts = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(roomMembers, { maxLength: 2 }), fc.array(requestMembers, { maxLength: 2 }), (room, more) => {
        const message = Object.assign({ idempotencyKey: 'k', room: Object.assign({}, ...room) }, ...more);
        const request = withoutNullFields(message);
        // The schema does not know the region of a room whose region is not named.
        const isOfOwnRegion = request.region === undefined || otherRegionProblems(request, 'eu-west-1').length === 0;
        const isKeyVisible = keyEdgeProblems('idempotencyKey', request.idempotencyKey).length === 0;
        const accepted = roomRequestSchema.safeParse(request).success && isOfOwnRegion && isKeyVisible;
        expect({ message, accepted: bare(message) }).toEqual({ message, accepted });
        verdicts[accepted ? 'accepted' : 'refused'] += 1;
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(verdicts.accepted, verdicts.refused)).toBeGreaterThan(200);
  });
});

test('the schema of a release command accepts exactly what the reader accepts', () => {
  const anything = fc.constantFrom(null, '', 'k', ' k', 'live/a/b', '\n', 7, {}, 'x'.repeat(129), 'x'.repeat(257));
  const times = fc.constantFrom('2026-11-02T09:00:00Z', '2026-11-02T09:00:00+0000', '2026-11-02', null, 1, '');
  const members = fc.oneof(
    fc.record({ idempotencyKey: anything }),
    fc.record({ releaseAt: times }),
    fc.record({ wishedAt: times }),
    fc.record({ tenant: anything }),
    fc.record({ correlationId: anything }),
    fc.record({ releaseat: anything }),
    fc.record({ room: anything }),
  );
  const verdicts = { accepted: 0, refused: 0 };
  fc.assert(
    fc.property(fc.array(members, { maxLength: 3 }), (more) => {
      const message = Object.assign({ type: 'Room Release Requested', idempotencyKey: 'k' }, ...more);
      const read = readMessage(
        { body: JSON.stringify(message), sentTimestampMs: NOW_MS, isFromRoster: false },
        { region: 'eu-west-1', requestMaxAgeMs: 1000, releases: true, nowMs: NOW_MS },
      );
      const accepted = read.kind === 'release';
      expect({ message, accepted: releaseCommand(message) }).toEqual({ message, accepted });
      const { type, ...fields } = message;
      if (accepted) expect(releaseCommandSchema.safeParse({ ...withoutNullFields(fields) }).success).toBe(true);
      verdicts[accepted ? 'accepted' : 'refused'] += 1;
    }),
    { numRuns: 2000 },
  );
  expect(Math.min(verdicts.accepted, verdicts.refused)).toBeGreaterThan(200);
});
