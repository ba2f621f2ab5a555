import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { withReleases } from '../../../client/operate/live-event-releases.ts';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { liveEventRoomKey } from '../../../lib/contract/live-event.ts';
import { KEEP_MS } from '../../../lib/contract/release-wish.ts';
import { openScene, type Scene } from '../../live-events/scene.ts';
import { cancelled, MINUTE_MS, scheduled, timeText } from '../../live-events/story.ts';
import { createCommandBench } from '../../support/command-bench.ts';
import { roomItem } from '../../support/ledger-items.ts';
import { createLedgerTable } from '../../support/ledger-table.ts';
import { createLiveCli } from '../../support/live-cli.ts';
import { must } from '../../support/must.ts';

const folder = mkdtempSync(join(tmpdir(), 'greenroom-live-'));
let scene: Scene;
let greenroom: ReturnType<typeof createLiveCli>;

beforeEach(async () => {
  scene = await openScene({ environment: { GREENROOM_RELEASES: 'true' } });
  await createLedgerTable(scene.world.clients.dynamodb);
  greenroom = createLiveCli(scene.world);
});
afterEach(async () => {
  await scene.world.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

const ROOMS = ['a', 'b', 'c'].map((key) => ({ key, room: {} }));
const json = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

function file(...messages: object[]): string {
  const path = join(folder, 'programme.ndjson');
  writeFileSync(path, messages.map((message) => JSON.stringify(message)).join('\n'));
  return path;
}

async function listed(): Promise<{ line: string; json: object }> {
  const { out: line } = await greenroom(['events', '--all']);
  const [event] = json((await greenroom(['events', '--all', '--json'])).out);
  return { line: line.trimEnd(), json: event };
}

describe('events shows an event', () => {
  test('whose rooms were missing at the check as at risk, until they exist', async () => {
    scene.workshop.setMode('stuck');
    await scene.send(0, scheduled(1, { at: 40 }));
    await scene.runUntil(29);
    expect((await listed()).line).toBe(`opening     ${timeText(40)}        0/2 rooms  final  revision 1`);
    await scene.runUntil(31);
    const { line, json } = await listed();
    expect(line).toBe(`opening     ${timeText(40)}        0/2 rooms  final  revision 1  at risk`);
    expect(json).toMatchObject({ state: 'opening', atRisk: { cause: 'check', roomsMissing: 2 } });
    const { out } = await greenroom(['events', 'final']);
    expect(out).toContain('\nat risk      2 rooms are missing after the check\n');
    scene.workshop.setMode('made');
    await scene.send(32, scheduled(1, { at: 40 }));
    await scene.runUntil(33);
    expect((await listed()).line).toBe(`ready       ${timeText(40)}        2/2 rooms  final  revision 1`);
  });

  test('whose rooms are expected after its start as at risk, with the expected time', async () => {
    const rooms = Array.from({ length: 900 }, (_, key) => ({ key: `${key}`, room: {} }));
    scene.workshop.setMode('stuck');
    await scene.send(0, scheduled(1, { at: 2, leadTime: 'PT1M', rooms }));
    await scene.runUntil(1.1);
    const { line, json } = await listed();
    expect(line).toMatch(/0\/900 rooms {2}final {2}revision 1 {2}at risk$/);
    expect(json).toMatchObject({ atRisk: { roomsMissing: 900, expectedAt: expect.any(String) } });
  });

  test('with the number of failed rooms and, in detail, with the reason of each', async () => {
    scene.workshop.setMode('refused');
    await scene.send(0, scheduled(1, { at: 40 }));
    await scene.runUntil(12);
    expect((await listed()).line).toBe(`incomplete  ${timeText(40)}        0/2 rooms  final  revision 1  2 failed`);
    const { out, code } = await greenroom(['events', 'final']);
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'final  revision 1  incomplete',
      `starts       ${timeText(40)}`,
      expect.stringMatching(/^opened {7}2026-\S+$/),
      `check        ${timeText(30)}`,
      'rooms        0 of 2 exist, 2 failed',
      expect.stringMatching(/^ {2}failed {2}a {2}eu-west-1 {2}refused: .+/),
      expect.stringMatching(/^ {2}failed {2}b {2}eu-west-1 {2}refused: .+/),
      '',
    ]);
  });

  test.each<[string, (object | string)[], string, string]>([
    [
      'other content',
      [scheduled(1), scheduled(1, { at: 99 })],
      'revision 1',
      'revision: was already used for this event with different content: raise it',
    ],
    [
      'a start in the past',
      [scheduled(1), scheduled(2, { at: -1 })],
      'revision 2',
      `startsAt: is in the past: ${timeText(-1)}`,
    ],
    [
      'an unreadable revision',
      [scheduled(1), { ...scheduled(1), revision: 'two' }],
      'a message',
      'revision: must be a whole number of at least 0',
    ],
    [
      'an earlier cancellation',
      [scheduled(1), cancelled(2), scheduled(3)],
      'revision 3',
      'liveEventId: was cancelled, and stays cancelled: schedule it under another id',
    ],
  ])('with the message that was not applied because of %s', async (_what, messages, what, problem) => {
    await scene.send(0, ...messages);
    expect((await listed()).line).toMatch(new RegExp(`(  |, )${what} not applied$`));
    const { out } = await greenroom(['events', 'final']);
    expect(out).toContain(`\nnot applied  ${what}, at ${timeText(0)}\n             ${problem}\n`);
  });

  test('without the message that was not applied, once the event was changed', async () => {
    await scene.send(0, scheduled(1), scheduled(2, { at: -1 }));
    await scene.send(1, scheduled(2));
    expect((await listed()).line).toMatch(/revision 2$/);
    expect((await greenroom(['events', 'final'])).out).not.toContain('not applied');
  });

  test('with an older revision that was ignored, only in detail', async () => {
    await scene.send(0, scheduled(2), scheduled(1));
    expect((await listed()).line).toMatch(/revision 2$/);
    expect((await greenroom(['events', 'final'])).out).toContain('revision: is lower than 2, the stored revision');
  });

  test('once, with its newest revision and state, while the index also has its old entry', async () => {
    let writes = 0;
    let isLagging = false;
    await scene.world.close();
    // Of the two writes of a change, the first removes the old entry.
    scene = await openScene({ indexLagMs: () => (isLagging && writes++ % 2 === 0 ? MINUTE_MS : 0) });
    greenroom = createLiveCli(scene.world);
    await scene.send(0, scheduled(1, { at: 120 }));
    isLagging = true;
    await scene.send(1, scheduled(2, { at: 130 }));
    expect((await greenroom(['events', '--all'])).out).toBe(
      `waiting     ${timeText(130)}        0/2 rooms  final  revision 2\n`,
    );
    await scene.send(3, cancelled(3));
    expect((await greenroom(['events', '--all'])).out).toMatch(/^cancelled .* final {2}revision 2.*\n$/);
  });

  test('that is cancelled with the rooms that exist and those that were never requested, in all of its revisions', async () => {
    await scene.send(0, scheduled(1, { at: 40, rooms: ROOMS.slice(0, 2) }));
    await scene.runUntil(12);
    // The second revision drops the room a, and adds the room c, which is never requested.
    await scene.send(13, scheduled(2, { at: 120, rooms: ROOMS.slice(1) }));
    await scene.send(14, cancelled(3));
    const { line, json } = await listed();
    expect(line).toMatch(/^cancelled .* 2\/3 rooms {2}final {2}revision 2 {2}1 never requested$/);
    expect(json).toMatchObject({ roomsReady: 2, roomsTotal: 3, roomsNeverRequested: 1 });
    const [detail] = JSON.parse(`[${(await greenroom(['events', 'final', '--json'])).out}]`);
    expect(detail).toMatchObject({
      state: 'cancelled',
      cancelledAt: timeText(14),
      rooms: [
        { key: 'b', state: 'exists', arn: expect.stringMatching(/^arn:/) },
        { key: 'c', state: 'not requested' },
        { key: 'a', state: 'exists', isDropped: true },
      ],
    });
  });

  test('that was cancelled before it was requested, with no room', async () => {
    await scene.send(0, scheduled(1), cancelled(2));
    expect((await listed()).line).toMatch(/ 0\/2 rooms {2}final {2}revision 1 {2}2 never requested$/);
  });
});

describe('the release of an event', () => {
  const RELEASED = { at: 40, endsAt: timeText(100) };
  const detail = async () => (await greenroom(['events', 'final'])).out.trimEnd().split('\n');

  /** Stores what has become of a room since, as the workers and the releaser do. */
  async function store(key: string, changes: object = {}): Promise<void> {
    const id = ledgerKey(liveEventRoomKey('final', key));
    const wish = { release_at: Date.parse(timeText(100)), release_wished_at: Date.parse(timeText(0)) };
    const item = roomItem({
      ...{ id, idempotency_key: liveEventRoomKey('final', key), status: 'COMPLETED', schema_version: 2 },
      ...{ ...wish, release_due_at: wish.release_at, ...changes },
    });
    const Item = marshall({ ...item, completion: JSON.stringify(item.completion) }, { removeUndefinedValues: true });
    await scene.world.clients.dynamodb.send(new PutItemCommand({ TableName: 'ledger', Item }));
  }

  test('is a line with its time, which is absent for an event that keeps its rooms', async () => {
    await scene.send(0, scheduled(1, RELEASED));
    await scene.runUntil(12);
    expect(await detail()).toContain(`release      ${timeText(100)}`);
    const { out } = await greenroom(['events', 'final', '--json']);
    expect(JSON.parse(out)).toMatchObject({ endsAt: timeText(100), releaseAt: timeText(100), roomsReleased: 0 });
    await scene.send(13, scheduled(2, { at: 40 }));
    expect((await detail()).filter((line) => line.startsWith('release'))).toEqual([]);
  });

  test('shows which rooms are marked and released, and which have another time than the event', async () => {
    const rooms = ['a', 'b', 'c', 'd', 'e'].map((key) => ({ key, room: {} }));
    await scene.send(0, scheduled(1, { ...RELEASED, rooms }));
    await scene.runUntil(12);
    const [marked, released] = [Date.parse(timeText(101)), Date.parse(timeText(102))];
    await store('a', { release_marked_at: marked, released_at: released });
    await store('b', { release_marked_at: marked });
    await store('c', { release_at: Date.parse(timeText(200)) });
    await store('d', { release_at: KEEP_MS });
    await store('e');
    const lines = await detail();
    expect(lines).toContain('rooms        4 of 5 exist, 1 released');
    expect(lines.slice(-5)).toEqual([
      expect.stringMatching(`^  released  a  eu-west-1  arn:\\S+  released at ${timeText(102)}$`),
      expect.stringMatching(/^ {2}marked {4}b {2}eu-west-1 {2}arn:\S+$/),
      expect.stringMatching(`^  exists    c  eu-west-1  arn:\\S+  release at ${timeText(200)}$`),
      expect.stringMatching(/^ {2}exists {4}d {2}eu-west-1 {2}arn:\S+ {2}to be kept$/),
      expect.stringMatching(/^ {2}exists {4}e {2}eu-west-1 {2}arn:\S+$/),
    ]);
    const json = JSON.parse((await greenroom(['events', 'final', '--json'])).out);
    expect(json).toMatchObject({ roomsReady: 5, roomsReleased: 1 });
    expect(json.rooms[0]).toMatchObject({
      state: 'exists',
      release: { state: 'released', markedAt: timeText(101), releasedAt: timeText(102) },
    });
  });

  test('is not shown for single rooms, and nothing else is missing, if the ledger may not be read', async () => {
    const bench = createCommandBench();
    const rooms = [{ key: 'a', state: 'exists' }] as const;
    const waiting = { clock: bench.clock, random: Math.random, signal: new AbortController().signal };
    const read = () => withReleases('final', rooms, bench.deployment, waiting);
    expect(await read()).toMatchObject([{ key: 'a', release: { state: 'unknown' } }]);
    bench.before('BatchGetItem', async () => {
      throw Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
    });
    expect(await read()).toEqual(rooms);
  });

  test.each<[string, object[], string]>([
    [
      'had a release time',
      [scheduled(1, RELEASED)],
      'Its rooms are deleted after the grace period. To keep them, cancel the event, and then: greenroom release --event final --keep',
    ],
    [
      'had a release time only in an earlier revision',
      [scheduled(1, RELEASED), scheduled(2, { at: 40 })],
      'Its rooms are deleted after the grace period. To keep them, cancel the event, and then: greenroom release --event final --keep',
    ],
    ['had none', [scheduled(1, { at: 40 })], 'Existing rooms are not deleted.'],
    ['has not requested its rooms', [scheduled(1, { endsAt: timeText(180) })], 'It has not requested any rooms.'],
  ])('is what cancel says about an event that %s, and what then happens', async (_what, [first, ...later], effect) => {
    await scene.send(0, must(first));
    await scene.runUntil(12);
    await scene.send(13, ...later);
    const { code, err } = await greenroom(['cancel', 'final', '--yes']);
    expect({ code, err }).toEqual({ code: 0, err: `Sent the cancellation of final to stage test. ${effect}\n` });
    await scene.runUntil(14);
    const isReleased = effect.includes('deleted after');
    const line = (await detail()).find((each) => each.startsWith('release'));
    if (isReleased) expect(line).toMatch(/^release {6}requested at 2026-12-18T12:1[34]:\S+, after the grace period$/);
    else expect(line).toBeUndefined();
    const again = await greenroom(['cancel', 'final', '--yes']);
    expect(again).toMatchObject({ code: 0, err: expect.stringMatching(/^final was cancelled on 2026-/) });
  });
});

describe('an event that was never accepted', () => {
  test('is a failure, with the reason if its message was refused', async () => {
    await scene.send(0, scheduled(1, { at: -1 }));
    expect(await greenroom(['events', 'final'])).toEqual({
      code: 1,
      out: `not applied  revision 1, at ${timeText(0)}\n             startsAt: is in the past: ${timeText(-1)}\n`,
      err: 'error: There is no live event final in stage test: see greenroom events\n',
    });
    const { out, code } = await greenroom(['events', 'final', '--json']);
    expect({ code, event: JSON.parse(out) }).toMatchObject({ code: 1, event: { notApplied: { revision: 1 } } });
  });

  test('and is not known at all', async () => {
    expect(await greenroom(['events', 'final'])).toMatchObject({ code: 1, out: '' });
  });
});

test('a refusal is announced without DynamoDB, and noted when DynamoDB is available again', async () => {
  scene.world.setOutage(({ service }) => service === 'dynamodb');
  await scene.send(0, scheduled(1, { at: -1, revision: 1 }), { ...scheduled(1), rooms: [] });
  expect(scene.announced('failed')).toHaveLength(1);
  scene.world.setOutage(() => false);
  await scene.runUntil(30);
  expect((await greenroom(['events', 'final'])).out).toMatch(/^not applied {2}revision 1, /);
});

describe('schedule --wait', () => {
  const wait = (...messages: object[]) => greenroom(['schedule', file(...messages), '--wait']);

  test('prints a line for each event that was accepted, moved or cancelled', async () => {
    await scene.send(0, scheduled(1), scheduled(1, { liveEventId: 'off' }));
    const { code, out, err } = await wait(scheduled(2, { at: 130 }), scheduled(1, { liveEventId: 'new' }), {
      ...cancelled(2),
      liveEventId: 'off',
    });
    expect({ code, lines: out.trim().split('\n').sort() }).toEqual({
      code: 0,
      lines: ['accepted   final  revision 2', 'accepted   new  revision 1', 'cancelled  off  revision 2'],
    });
    expect(err).toMatch(/\n3 applied, 0 refused, 0 without an answer\.\n$/);
  });

  test('accepts a revision that is sent again, even with another correlationId', async () => {
    await scene.send(0, scheduled(1, { correlationId: 'one' }));
    expect(await wait(scheduled(1, { correlationId: 'two' }))).toMatchObject({
      code: 0,
      out: 'accepted   final  revision 1\n',
    });
  });

  test.each<[string, object[], object, string]>([
    [
      'other content under its revision',
      [scheduled(1)],
      scheduled(1, { at: 99 }),
      'revision 1  revision: was already used for this event with different content: raise it',
    ],
    ['a newer revision', [scheduled(2)], scheduled(1), 'revision 1  revision: is lower than 2, the stored revision'],
    [
      'a cancellation',
      [cancelled(1)],
      scheduled(2),
      'revision 2  liveEventId: was cancelled, and stays cancelled: schedule it under another id',
    ],
  ])('prints why an event was refused because of %s, and exits with 1, each time', async (_what, before, sent, why) => {
    await scene.send(0, ...before);
    for (const _attempt of [1, 2]) {
      const { code, out } = await wait(sent);
      expect({ code, out: out.replace(/: raise it\n$/, '\n') }).toEqual({
        code: 1,
        out: `refused    final  ${why.replace(/: raise it$/, '')}\n`,
      });
    }
  });

  test('a message that a later message of the file replaces is no failure', async () => {
    const { code, out } = await wait(scheduled(1), scheduled(2, { at: 130 }));
    expect(code).toBe(0);
    expect(out).toMatch(/^accepted {3}final {2}revision 2$/m);
    expect(out).toMatch(/^(accepted|replaced) {3}final {2}revision 1$/m);
  });

  test('prints JSON, with a line for an event that has no answer within the timeout, and exits with 1', async () => {
    scene.world.setDown(true);
    const { code, out, err } = await greenroom(['schedule', file(scheduled(1)), '--wait', '--timeout', '5', '--json']);
    expect({ code, line: JSON.parse(out) }).toEqual({
      code: 1,
      line: { liveEventId: 'final', revision: 1, outcome: 'unknown' },
    });
    expect(err).toMatch(/\n0 applied, 0 refused, 1 without an answer after 5 seconds\.\n$/);
  });

  test('ends when the user interrupts, with the number of events without an answer', async () => {
    scene.world.setDown(true);
    const run = await greenroom(['schedule', file(scheduled(1)), '--wait'], { interruptAfter: 2 });
    expect(run).toMatchObject({ code: 130, out: '' });
    expect(run.err).toMatch(/\nInterrupted: 1 event without an answer; see greenroom events\n$/);
  });

  test('cannot be combined with a dry run', async () => {
    const { code, err } = await greenroom(['schedule', file(scheduled(1)), '--wait', '--dry-run']);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining("'--dry-run' cannot be used with") });
  });
});
