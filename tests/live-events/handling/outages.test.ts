import { describe, expect, test } from '@jest/globals';
import type { Outage } from '../../../bench/live-events/world.ts';
import { cancelled, type Step, scheduled, tell } from '../story.ts';

const send = (minute: number, message: object): Step => ({ minute, send: message });
const fail = (minute: number, fails: Outage): Step => ({ minute, fails });
const NOTHING: Outage = () => false;

const SCHEDULER: Outage = ({ service }) => service === 'scheduler';
const ANNOUNCEMENTS: Outage = ({ service }) => service === 'sns';
const PACE: Outage = ({ service, body }) => service === 'dynamodb' && body.includes('"TableName":"pace"');
const REQUESTS: Outage = ({ service, action }) => service === 'sqs' && action === 'SendMessageBatch';
const MEMBERS: Outage = ({ service, action, body }) =>
  service === 'dynamodb' && (action === 'Query' || (action === 'GetItem' && body.includes('"meta"')));
const WRITES: Outage = ({ service, action }) => service === 'dynamodb' && action === 'UpdateItem';
const INDEX: Outage = ({ service, body }) => service === 'dynamodb' && body.includes('"IndexName"');

/** The lines without seconds, because repeated tries come within a minute. */
const inMinutes = (lines: string[]) => lines.map((line) => line.replace(/^(\d+)(:\d+)?/, '$1'));
/** The distinct announcements and requests. Repeated tries may cause duplicates, which do no harm. */
const facts = (lines: string[]) => new Set(lines.map((line) => line.replace(/^\S+ /, '')));
const AT_RISK = 'at-risk r1 check: a open, b open';
const MADE = ['room a of r1', 'room b of r1', 'completed r1 2 made, 0 failed'];

describe('the check of an event does not depend on what it warns about:', () => {
  test.each<[string, Outage]>([
    ['the pace table', PACE],
    ['the queue of requests', REQUESTS],
    ['the index of live events', INDEX],
    ['the pace table and EventBridge Scheduler', (call) => PACE(call) || SCHEDULER(call)],
  ])(
    'without %s, no rooms are requested, and the event is announced ten minutes before its start',
    async (_what, fails) => {
      const { lines, waiting } = await tell([send(0, scheduled(1)), fail(80, fails), fail(115, NOTHING)]);
      expect(lines[0]).toBe(`110 ${AT_RISK}`);
      expect(facts(lines.slice(1))).toEqual(new Set(MADE));
      expect(waiting).toBe(0);
    },
  );

  test('rooms whose rosters cannot be read count as missing', async () => {
    const { lines } = await tell([send(0, scheduled(1)), fail(100, MEMBERS), fail(115, NOTHING)]);
    expect(lines).toEqual([...MADE.map((line) => `90 ${line}`), `110 ${AT_RISK}`]);
  });

  test('an event is announced even if the announcement cannot be recorded', async () => {
    const { lines } = await tell([send(0, scheduled(1)), fail(80, WRITES), fail(125, NOTHING)]);
    expect(lines[0]).toBe(`110 ${AT_RISK}`);
    expect(facts(lines)).toEqual(new Set([AT_RISK, ...MADE]));
  });

  test('a warning that could not be published is published as soon as possible', async () => {
    const steps = [send(0, scheduled(1)), fail(80, (call) => PACE(call) || ANNOUNCEMENTS(call)), fail(112, PACE)];
    const { lines } = await tell([...steps, fail(140, NOTHING)]);
    expect(inMinutes(lines)[0]).toMatch(new RegExp(`^11[234] ${AT_RISK}$`));
  });
});

describe('EventBridge Scheduler sends only reminders, so without it', () => {
  test('the rooms of an event that is due are requested', async () => {
    const { lines, schedules, waiting } = await tell([
      fail(0, SCHEDULER),
      send(0, scheduled(1, { at: 20 })),
      fail(30, NOTHING),
    ]);
    expect(lines).toEqual(MADE.map((line) => `0:10 ${line}`));
    expect({ schedules, waiting }).toEqual({ schedules: [], waiting: 0 });
  });

  test('an event is opened and checked by its own message', async () => {
    const steps = [fail(0, SCHEDULER), send(0, scheduled(1)), { minute: 1, rooms: 'stuck' } as const];
    const { lines } = await tell([...steps, { minute: 130, rooms: 'made' }, fail(150, NOTHING)]);
    expect(inMinutes(lines)[0]).toMatch(new RegExp(`^11[01] ${AT_RISK}$`));
  });

  test('a cancellation is announced, and the schedules are deleted once it works again', async () => {
    const steps = [send(0, scheduled(1)), fail(20, SCHEDULER), send(30, cancelled(2)), fail(60, NOTHING)];
    const { lines, schedules, waiting } = await tell(steps, { untilMinute: 70 });
    expect({ first: lines[0], schedules, waiting }).toEqual({ first: '30 cancelled r2', schedules: [], waiting: 0 });
    expect(facts(lines)).toEqual(new Set(['cancelled r2']));
  });
});

describe('the completion topic gets warnings, but without it', () => {
  test('the rooms of an event that will be late are requested', async () => {
    const { lines } = await tell([
      fail(0, ANNOUNCEMENTS),
      send(0, scheduled(1, { startsAt: '2026-12-18T12:00:02Z' })),
      fail(5, NOTHING),
    ]);
    expect(lines.slice(0, 2)).toEqual(['0 room a of r1', '0 room b of r1']);
  });
});
