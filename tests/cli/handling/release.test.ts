import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createCommandBench } from '../../support/command-bench.ts';
import { START_MS } from '../../support/memory-bench.ts';

const HOUR_MS = 3_600_000;
const GRACE_MS = 900_000;
const AN_HOUR = new Date(START_MS + HOUR_MS).toISOString();
const folder = mkdtempSync(join(tmpdir(), 'greenroom-release-'));
afterAll(() => rmSync(folder, { recursive: true }));

let bench: ReturnType<typeof createCommandBench>;
beforeEach(() => {
  bench = createCommandBench();
});

const request = (key: string, changes: object = {}) =>
  bench.handle(bench.record({ idempotencyKey: key, room: { name: 'hall' }, ...changes }));
const release = (...args: string[]) => bench.run('release', ...args);
const json = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const commandsIn = (lane: string) =>
  bench.messaging
    .queue(lane)
    .messages()
    .map(({ body }) => JSON.parse(body));
const manyKeys = (count: number) => Array.from({ length: count }, (_, number) => `key-${number}`);
const wishOf = (key: string) => bench.stored(key).release_at;

/** Handles the commands in both lanes, as the workers do. @param times how often each of them is delivered */
async function work(times = 1): Promise<void> {
  for (const lane of ['interactive', 'bulk']) {
    const sent = [...bench.messaging.queue(lane).messages()];
    bench.messaging.queue(lane).remove(new Set(sent.map(({ id }) => id)));
    for (const { body } of sent) for (let time = 0; time < times; time++) await bench.handle(bench.record(body));
  }
}

describe('the list of rooms', () => {
  test('shows every state with its time, and the effects; a dry run sends nothing', async () => {
    await request('made');
    await request('wished', { releaseAt: AN_HOUR });
    await request('failed', { neededBy: '2025-12-31T00:00:00Z' });
    await request('gone');
    await bench.changeItem('gone', {
      schema_version: 2,
      ...{ release_at: START_MS, release_wished_at: START_MS, release_due_at: START_MS },
      ...{ release_marked_at: START_MS + 60_000, released_at: START_MS + 120_000 },
    });
    const { code, out, err } = await release('made', 'wished', 'failed', 'gone', 'new', 'made', '--dry-run');
    expect(out).toBe(
      [
        'STATE     RELEASE (UTC)     REGION     KEY     ROOM',
        'made      -                 eu-west-1  made    hall',
        'made      2026-01-01 01:00  eu-west-1  wished  hall',
        'failed    -                 eu-west-1  failed  -',
        'released  2026-01-01 00:02  eu-west-1  gone    hall',
        'unknown   -                 -          new     -',
        '',
        '5 rooms: 2 made, 1 unknown, 1 failed, 1 released',
        '  eu-west-1: 2 made, 1 failed, 1 released',
        '  region not known: 1 unknown',
        '1 room is released or marked: this is final.',
        '1 room has another release time. The commands would replace this.',
        'The releases take about 1 s, at 5 a second in each region.',
        'Until about 2026-01-01 00:15 UTC, --keep for the same rooms undoes this, if the stage has the default grace period of 15 min.',
        '',
      ].join('\n'),
    );
    expect([code, err, commandsIn('interactive')]).toEqual([0, '', []]);
  });

  test('names the grace period of the stage, if it can be read', async () => {
    await request('made');
    bench.deployment.releaseGraceMs = async () => 1_800_000;
    const { out } = await release('made', '--dry-run');
    expect(out).toContain('Until about 2026-01-01 00:30 UTC, --keep for the same rooms undoes this, because');
  });

  test('is complete as JSON, and in a file', async () => {
    await request('wished', { releaseAt: AN_HOUR, tenant: 'club' });
    await request('marked');
    await bench.changeItem('marked', {
      schema_version: 2,
      ...{ release_at: START_MS, release_wished_at: START_MS, release_due_at: START_MS },
      release_marked_at: START_MS + 60_000,
    });
    const rooms = [
      {
        key: 'wished',
        state: 'made',
        tenant: 'club',
        roomArn: expect.stringMatching(/^arn:aws:ivschat:/),
        wish: { releaseAt: AN_HOUR, wishedAt: new Date(START_MS).toISOString(), notBefore: AN_HOUR },
      },
      { key: 'marked', state: 'marked', markedAt: new Date(START_MS + 60_000).toISOString() },
      { key: 'new', state: 'unknown' },
    ];
    const args = ['wished', 'marked', 'new', '--dry-run', '--json'];
    const { out } = await release(...args);
    const totals = { total: 3, toSend: 2, leftOut: { final: 1 }, replacedTimes: 1, seconds: 1 };
    expect(json(out)).toMatchObject([...rooms, totals]);
    const file = join(folder, 'rooms.ndjson');
    const saved = await release(...args, '-o', file);
    expect([json(saved.out), json(readFileSync(file, 'utf8'))]).toMatchObject([[totals], rooms]);
  });

  test('has at most twenty rooms for people, and says how to get the others', async () => {
    const { out } = await release(...manyKeys(25), '--dry-run');
    expect(out).toContain('key-19');
    expect(out).not.toContain('key-20');
    expect(out).toContain('\nand 5 more: -o FILE saves all of them\n');
  });

  test('leaves out keys whose item is damaged, and names them', async () => {
    await request('bad');
    await bench.changeItem('bad', { version: 'two' });
    const { code, out, err } = await release('bad', 'good', '--yes');
    expect(out).toContain('\n1 key with a damaged ledger item is left out.\n');
    expect(err).toContain('The ledger item of bad is damaged: see greenroom status KEY\n');
    expect([code, commandsIn('interactive')]).toMatchObject([1, [{ idempotencyKey: 'good' }]]);
  });
});

describe('the commands', () => {
  test('request the release now, at a time, or never, and the service follows them', async () => {
    await request('a');
    expect((await release('a', 'b', '--yes')).code).toBe(0);
    const [first, second] = commandsIn('interactive');
    expect(Object.keys(first)).toEqual(['type', 'idempotencyKey', 'wishedAt']);
    // All commands of one run have the same time of decision.
    expect(second).toEqual({ ...first, idempotencyKey: 'b' });
    await work();
    expect([wishOf('a'), wishOf('b')]).toEqual([Date.parse(first.wishedAt), Date.parse(first.wishedAt)]);
    expect(bench.stored('a').release_due_at).toBeGreaterThanOrEqual(START_MS + GRACE_MS);

    bench.pass(1_000);
    expect((await release('a', '--at', '2026-01-01T02:00:00+01:00', '--yes')).code).toBe(0);
    await work();
    expect(wishOf('a')).toBe(START_MS + HOUR_MS);

    bench.pass(1_000);
    const { code, out } = await release('a', '--keep');
    expect([code, commandsIn('interactive')]).toMatchObject([0, [{ releaseAt: null }]]);
    expect(out).not.toMatch(/undoes this|releases take/);
    await work();
    const kept = await release('a', '--dry-run');
    expect(kept.out).toContain('made   keep           eu-west-1  a    hall');
    expect(kept.out).toContain('1 room is to be kept. The commands would replace this.');
  });

  test('change nothing if they are delivered again', async () => {
    await request('a');
    await release('a', '--yes');
    await work();
    const before = bench.stored('a');
    bench.pass(60_000);
    await release('a', '--yes');
    await work(3);
    const after = bench.stored('a');
    // Control: another run is another wish.
    expect(after.release_wished_at).not.toBe(before.release_wished_at);
    const [, ...repeated] = bench.completions().slice(-3);
    expect(new Set(repeated.map(({ id }: { id: string }) => id)).size).toBe(1);
  });

  test('win over the wish that the user has seen, although its sender has a fast clock', async () => {
    await request('a');
    const ahead = new Date(START_MS + 120_000).toISOString();
    await bench.handle(
      bench.record({ type: 'Room Release Requested', idempotencyKey: 'a', releaseAt: AN_HOUR, wishedAt: ahead }),
    );
    expect(wishOf('a')).toBe(START_MS + HOUR_MS);
    await release('a', '--keep');
    expect(commandsIn('interactive')).toMatchObject([{ wishedAt: new Date(START_MS + 120_001).toISOString() }]);
    await work();
    expect(bench.completions().at(-1).data).toMatchObject({ superseded: false, standing: { releaseAt: null } });
  });

  test('are not sent for rooms that are gone, which is a success only for a release', async () => {
    await request('gone');
    await bench.changeItem('gone', {
      schema_version: 2,
      ...{ release_at: START_MS, release_wished_at: START_MS, release_due_at: START_MS },
      release_marked_at: START_MS,
    });
    const released = await release('gone', '--yes');
    expect([released.code, released.err]).toEqual([0, 'There is nothing to change, so nothing was sent.\n']);
    expect((await release('gone', '--keep')).code).toBe(1);
    expect((await release('gone', 'other', '--keep')).code).toBe(1);
    expect(commandsIn('interactive')).toMatchObject([{ idempotencyKey: 'other' }]);
  });

  test('are not sent for rooms of another tenant', async () => {
    await request('ours', { tenant: 'club' });
    await request('theirs', { tenant: 'league' });
    const { code, out } = await release('ours', 'theirs', '--tenant', 'club', '--yes');
    expect(out).toContain('\n1 room of another tenant is left out.\n');
    expect([code, commandsIn('interactive')]).toMatchObject([1, [{ idempotencyKey: 'ours', tenant: 'club' }]]);
    // Control: without --tenant, both are released.
    expect((await release('ours', 'theirs', '--yes')).code).toBe(0);
  });
});

describe('the release of more than 100 rooms', () => {
  const keys = manyKeys(101);

  test.each([
    ['--yes', ['--yes'], /For more than 100 rooms, .* --confirm 101\n/],
    ['a wrong number', ['--confirm', '100'], /sent for 101 rooms, not for 100\. .* --confirm 101\n/],
  ])('is refused with %s, and the error names the right number', async (_what, args, message) => {
    const { code, err } = await release(...keys, ...args);
    expect([code, err]).toEqual([1, expect.stringMatching(message)]);
    expect([...commandsIn('interactive'), ...commandsIn('bulk')]).toEqual([]);
  });

  test('needs their exact number, and uses the bulk lane', async () => {
    const { code, err } = await release(...keys, '--confirm', '101');
    expect([code, err]).toEqual([
      0,
      expect.stringContaining('Sent 101 of 101 commands to the bulk lane of stage simulation.'),
    ]);
    expect(commandsIn('bulk').map(({ idempotencyKey }) => idempotencyKey)).toEqual(keys);
  });

  test('does not need it for 100 rooms, but the number must be right if it is given', async () => {
    expect((await release(...manyKeys(100), '--confirm', '99')).code).toBe(1);
    expect((await release(...manyKeys(100), '--yes')).code).toBe(0);
    expect(commandsIn('interactive')).toHaveLength(100);
  });

  test('can be undone without a question, and in the interactive lane, because there is little time', async () => {
    const { code } = await release(...keys, '--keep');
    expect([code, commandsIn('interactive').length, commandsIn('bulk')]).toEqual([0, 101, []]);
  });
});

test('an interruption while commands are sent says how many were sent, and what to do', async () => {
  let calls = 0;
  bench.before('SendMessageBatch', () => {
    calls += 1;
    if (calls === 3) bench.interrupt();
  });
  const { code, err } = await release(...manyKeys(50), '--yes');
  expect([code, err]).toEqual([
    130,
    expect.stringContaining(
      'Interrupted: 20 or a few more of 50 commands were sent. To send all of them, run the command again',
    ),
  ]);
  expect(commandsIn('interactive')).toHaveLength(20);
});

test('a file that exists is not replaced, and then nothing is sent', async () => {
  const file = join(folder, 'taken.ndjson');
  await release('a', '--dry-run', '-o', file);
  const { code, err } = await release('a', '--yes', '-o', file);
  expect([code, err]).toEqual([1, expect.stringContaining('already exists')]);
  expect(commandsIn('interactive')).toEqual([]);
});
