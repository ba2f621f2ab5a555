import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { listLiveEvents } from '../../../client/operate/live-event-list.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { until } from '../../support/gateway-clients.ts';
import { type CliStack, openCliStack } from './cli-stack.ts';

let cli: CliStack;
let greenroom: CliStack['greenroom'];

beforeAll(async () => {
  cli = await openCliStack();
  greenroom = cli.greenroom;
});
afterAll(() => cli.close());

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

function programme(name: string, events: object[]): string {
  writeFileSync(join(cli.cwd, name), events.map((event) => JSON.stringify(event)).join('\n'));
  return name;
}

const event = (liveEventId: string, startsAt: string, rest: object = {}) => ({
  liveEventId,
  revision: 1,
  startsAt,
  rooms: [
    { key: 'main', room: { name: 'main' } },
    { key: 'fans', room: {} },
  ],
  ...rest,
});

async function run(...args: string[]) {
  const child = greenroom(args);
  return { code: await child.ended, out: child.stdout, err: child.stderr };
}

const WAITING = { clock: systemClock, random: Math.random, signal: new AbortController().signal };
const stateOf = async (id: string) =>
  (await listLiveEvents(cli.deployment, { fromMs: 0 }, WAITING)).find(({ liveEventId }) => liveEventId === id);
const untilState = (id: string, state: string) =>
  until(async () => ((await stateOf(id))?.state === state ? true : undefined), 25_000);

describe('schedule', () => {
  test('schedules an event whose rooms are created when its lead time begins, and `events` lists it', async () => {
    const soon = event('soon', inSeconds(67), { leadTime: 'PT1M' });
    const file = programme('soon.ndjson', [soon, event('later', inSeconds(7_200))]);
    expect(await run('schedule', file)).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^Sent 2 of 2 live events/m),
    });
    await untilState('later', 'waiting');
    expect((await run('events')).out).toMatch(/^waiting .* 0\/2 rooms {2}later {2}revision 1$/m);
    await untilState('soon', 'ready');
    const listed = (await run('events', '--json')).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(listed.find(({ liveEventId }) => liveEventId === 'soon')).toMatchObject({
      state: 'ready',
      roomsReady: 2,
      roomsTotal: 2,
    });
    expect((await run('status', 'live/soon/main')).code).toBe(0);
  });

  test('schedules an event whose rooms are created immediately if its lead time has begun', async () => {
    expect((await run('schedule', programme('now.json', [event('now', inSeconds(90))]))).code).toBe(0);
    await untilState('now', 'ready');
  });

  test('checks all events before it sends any, and names every wrong field', async () => {
    const file = programme('flawed.ndjson', [
      event('good', inSeconds(3_600)),
      event('bad', '2026-01-01T00:00:00', { rooms: [] }),
      event('good', inSeconds(7_200)),
      { type: 'Live Event Due', liveEventId: 'good', revision: 1, occasion: 'open' },
    ]);
    const { code, err } = await run('schedule', file);
    expect(code).toBe(1);
    expect(err).toMatch(/^line 2 \(bad\) cannot be scheduled\n {2}rooms: must list .*\n {2}timezone: is required/m);
    expect(err).toMatch(/^line 3 \(good\) cannot be scheduled\n {2}revision: is already used by line 1/m);
    expect(err).toMatch(/^line 4 \(good\) cannot be scheduled\n {2}type: is reserved for the messages of schedules/m);
    expect(err).toMatch(/^error: Nothing was sent: 3 of 4 events have problems/m);
    expect(await stateOf('good')).toBeUndefined();
  });

  test('--dry-run prints the lead time that a programme needs, sends nothing, and exits with an error if an event would be late', async () => {
    const crowd = Array.from({ length: 100 }, (_, index) => event(`crowd-${index}`, inSeconds(3_600)));
    const relaxed = await run('schedule', programme('crowd.ndjson', crowd), '--dry-run');
    expect(relaxed).toMatchObject({ code: 0, err: 'Read crowd.ndjson as UTF-8, NDJSON, 100 messages\n' });
    expect(relaxed.out).toMatch(/^100 live events, from /m);
    expect(relaxed.out).toMatch(/^ {2}eu-west-1: 200 rooms, PT40S at 5 a second$/m);
    expect(relaxed.out).toMatch(
      /^Lead time needed for all rooms to exist when their events start: PT2M \(slowest region: eu-west-1\)$/m,
    );
    expect(relaxed.out).toMatch(/all rooms will exist in time\.$/m);
    const rushed = await run('schedule', 'crowd.ndjson', '--dry-run', '--json', '--rate', '0.1');
    expect(rushed.code).toBe(1);
    expect(JSON.parse(rushed.out)).toMatchObject({ events: 100, neededLeadTime: 'PT35M', late: expect.any(Array) });
    expect(await stateOf('crowd-0')).toBeUndefined();
  });
});

describe('cancel', () => {
  test('cancels an event permanently', async () => {
    await run('schedule', programme('off.ndjson', [event('off', inSeconds(7_200))]));
    await untilState('off', 'waiting');
    expect(await run('cancel', 'off', '--yes')).toMatchObject({
      code: 0,
      err: expect.stringMatching(/Sent the cancellation of off/),
    });
    await untilState('off', 'cancelled');
    expect(await run('cancel', 'off', '--yes')).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^off was cancelled on /),
    });
  });

  test('refuses an event that was never scheduled', async () => {
    const { code, err } = await run('cancel', 'nothing', '--yes');
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/^error: There is no live event nothing/) });
  });
});

test('an event that was cancelled before it arrived is in no list, as the help says, and is shown by its name', async () => {
  const data = { liveEventId: 'early', revision: 2 };
  const type = 'greenroom.live-event.cancelled.v1';
  const file = programme('early.ndjson', [{ specversion: '1.0', id: 'early', source: '/test', type, data }]);
  const seen = event('seen', inSeconds(7_200));
  expect(await run('schedule', file, '--wait')).toMatchObject({ code: 0, out: 'cancelled  early  revision 2\n' });
  expect(await run('schedule', programme('seen.ndjson', [seen]), '--wait')).toMatchObject({ code: 0 });
  await untilState('seen', 'waiting');
  expect((await run('events', '--all')).out).not.toContain('early');
  expect((await run('events', '--all')).out).toContain('seen');
  expect((await run('events', 'early')).out).toMatch(/^early {2}revision 2 {2}cancelled\n/);
  expect((await run('events', '--help')).out).toMatch(/cancelled before greenroom received it .*\s+is in no list/);
});

test('the sample of a live event can be scheduled unchanged', async () => {
  const sample = resolve('events/samples/live-event.json');
  expect(await run('schedule', sample)).toMatchObject({ code: 0 });
  await untilState('final-2026', 'waiting');
});
