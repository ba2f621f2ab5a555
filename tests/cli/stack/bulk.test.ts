import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../../support/gateway-clients.ts';
import { type CliStack, openCliStack } from './cli-stack.ts';

let cli: CliStack;
let greenroom: CliStack['greenroom'];

beforeAll(async () => {
  cli = await openCliStack();
  greenroom = cli.greenroom;
});
afterAll(() => cli.close());

function file(name: string, text: string): string {
  writeFileSync(join(cli.cwd, name), text);
  return name;
}

const jobIn = (output: string) => /job ([0-9a-f]{64})/i.exec(output)?.[1] ?? 'no job';

describe('bulk', () => {
  test('creates a room for each row, follows the job and exits with 0; the same file again creates none', async () => {
    const manifest = file('halls.csv', 'key,name,tag:event\nhalls/1,one,final\n,two,final\n,two,final\n');
    const bulk = greenroom(['bulk', manifest]);
    expect(await bulk.ended).toBe(0);
    expect(bulk.stderr).toMatch(/^Uploaded halls\.csv with 3 rows: job [0-9a-f]{64}$/m);
    expect(bulk.stderr).toMatch(/^Job [0-9a-f]{64}: 3 rows: 3 rooms \(3 new\), 0 failed, 0 invalid\.$/m);
    expect(bulk.stderr).toMatch(/^Report: s3:\/\/greenroom-local-000000000000-eu-west-1\/reports\/[0-9a-f]{64}\.csv/m);
    expect(bulk.stdout).toBe('');
    const rooms = cli.stack.ivsChat.rooms().length;
    const again = greenroom(['bulk', manifest, '--json']);
    expect(await again.ended).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({
      jobId: jobIn(again.stderr),
      state: 'ended',
      file: 'halls.csv',
      rows: 3,
      provisioned: 3,
      existing: 3,
      failed: 0,
      report: { ndjson: expect.stringMatching(/^s3:.*\.ndjson$/) },
    });
    expect(jobIn(again.stderr)).not.toBe(jobIn(bulk.stderr));
    expect(cli.stack.ivsChat.rooms()).toHaveLength(rooms);
  }, 60_000);

  test('names the bad rows first, and a row that IVS Chat refuses at the end; creates the rooms of the others, and exits with an error', async () => {
    const members = { reason: 'OTHER' };
    cli.stack.ivsChat.inject({ operation: 'CreateRoom', times: 1, fault: { error: 'ValidationException', members } });
    const bulk = greenroom(['bulk', file('flawed.csv', 'key,name\nflawed/1,\nflawed/2,two words\n')]);
    expect(await bulk.ended).toBe(1);
    expect(bulk.stderr).toMatch(
      /^Of the 2 rows of flawed\.csv, one is invalid and will be left out:\n {2}row 3: name: /m,
    );
    expect(bulk.stderr.match(/row 3/g)).toHaveLength(1);
    expect(bulk.stderr).toMatch(/^ {2}row 2 \(flawed\/1\): refused: /m);
    expect(bulk.stderr).toMatch(/2 rows: 0 rooms \(0 new\), 1 failed, 1 invalid\.$/m);
    const watch = greenroom(['watch', jobIn(bulk.stderr)]);
    expect(await watch.ended).toBe(1);
    expect(watch.stderr).toMatch(/^ {2}row 2 .*\n {2}row 3: name: may contain only/m);
  }, 60_000);

  test('uploads nothing if a row is bad and --all-or-nothing is set, if the manifest cannot be accepted, or if no row is good', async () => {
    const rooms = cli.stack.ivsChat.rooms().length;
    const flawed = file('flawed.ndjson', '{"room":{}}\n{"room":{"name":"two words"}}\n');
    const all = greenroom(['bulk', flawed, '--all-or-nothing']);
    expect(await all.ended).toBe(1);
    expect(all.stderr).toMatch(/ {2}row 2: room\.name: .*\nerror: Nothing was uploaded, because of --all-or-nothing/);
    const unknown = greenroom(['bulk', file('unknown.csv', 'key,nmae,colour\n1,2,3\n')]);
    expect(await unknown.ended).toBe(1);
    expect(unknown.stderr).toMatch(
      /column "nmae": .*did you mean "name"\?\n {2}column "colour": .*\nerror: unknown\.csv cannot be accepted/,
    );
    const bad = greenroom(['bulk', file('bad.csv', 'name\ntwo words\n')]);
    expect(await bad.ended).toBe(1);
    expect(bad.stderr).toMatch(/^error: No row requests a room: nothing was uploaded$/m);
    expect(cli.stack.ivsChat.rooms()).toHaveLength(rooms);
  });

  test('--dry-run prints what would happen and how long it would take, and uploads nothing', async () => {
    const known = file('known.csv', 'key,name\ndry/1,one\n');
    expect(await greenroom(['bulk', known]).ended).toBe(0);
    const rows = Array.from({ length: 600 }, (_, index) => `dry/new/${index},,us-east-1`);
    const rooms = cli.stack.ivsChat.rooms().length;
    const manifest = file('dry.csv', ['key,name,region', 'dry/1,one,', 'dry/2,,', ...rows].join('\n'));
    const dry = greenroom(['bulk', manifest, '--dry-run']);
    expect(await dry.ended).toBe(0);
    expect(dry.stdout).toMatch(
      /The 602 rows would\n {2}create 601 rooms: 1 in eu-west-1, 600 in us-east-1\n {2}find 1 existing room$/m,
    );
    expect(dry.stdout).toContain('take about 2 min');
    const slower = greenroom(['bulk', manifest, '--dry-run', '--rate', '0.5', '--json']);
    expect(await slower.ended).toBe(0);
    expect(JSON.parse(slower.stdout)).toMatchObject({ seconds: 1_200 });
    const reused = greenroom(['bulk', file('reused.csv', 'key,name\ndry/1,another\n'), '--dry-run', '--json']);
    expect(await reused.ended).toBe(1);
    expect(JSON.parse(reused.stdout)).toMatchObject({ rows: 1, existing: 0, reused: 1, toMake: {}, seconds: 0 });
    expect(JSON.parse(reused.stdout).reusedRows).toEqual([{ row: 2, idempotencyKey: 'dry/1' }]);
    expect(cli.stack.ivsChat.rooms()).toHaveLength(rooms);
  }, 60_000);

  test('Ctrl-C ends the command but not the job, and the output says how to follow it again', async () => {
    cli.stack.ivsChat.inject({ operation: 'CreateRoom', region: 'us-west-2', times: 3, fault: { latencyMs: 2_500 } });
    const manifest = file('slow.csv', 'key,region\nslow/1,us-west-2\nslow/2,us-west-2\nslow/3,us-west-2\n');
    const bulk = greenroom(['bulk', manifest]);
    await bulk.printed(/Uploaded/);
    bulk.process.kill('SIGINT');
    expect(await bulk.ended).toBe(130);
    const jobId = jobIn(bulk.stderr);
    expect(bulk.stderr).toMatch(new RegExp(`^Interrupted: the job continues.*greenroom watch ${jobId}$`, 'm'));
    const watch = greenroom(['watch', jobId]);
    expect(await watch.ended).toBe(0);
    expect(watch.stderr).toMatch(/3 rows: 3 rooms \(3 new\)/);
  }, 60_000);

  test('- reads standard input, recognises its format, and needs a name for the keys of rows without a key', async () => {
    const input = '{"room":{"name":"piped"}}\n{"key":"piped/2","room":{}}\n';
    const nameless = greenroom(['bulk', '-'], { input });
    expect(await nameless.ended).toBe(2);
    expect(nameless.stderr).toMatch(/standard input has no name.*give --name/);
    const bulk = greenroom(['bulk', '-', '--name', 'plan'], { input });
    expect(await bulk.ended).toBe(0);
    expect(bulk.stderr).toMatch(
      /^Read standard input as UTF-8, NDJSON, 2 rows\nUploaded standard input with 2 rows: job /,
    );
    const report = greenroom(['bulk', 'report', jobIn(bulk.stderr).slice(0, 12)]);
    expect(await report.ended).toBe(0);
    expect(report.stdout).toMatch(/"key":"bulk\/plan\/[0-9a-f]{64}\/1"/);
    const jobs = greenroom(['jobs']);
    expect(await jobs.ended).toBe(0);
    expect(jobs.stdout).toMatch(new RegExp(`^${jobIn(bulk.stderr).slice(0, 8)} {2}ended .* plan\\.ndjson$`, 'm'));
  }, 60_000);

  test('--name is the prefix of the keys of rows that have no key', async () => {
    const manifest = file('named.csv', 'name\nnamed\n');
    for (const name of ['spring', 'autumn']) expect(await greenroom(['bulk', manifest, '--name', name]).ended).toBe(0);
    const named = cli.stack.ivsChat.rooms().filter((room) => room.name === 'named');
    expect(named).toHaveLength(2);
  }, 60_000);

  test.each([
    ['a file that does not exist', ['bulk', 'nowhere.csv'], 1, /^error: Cannot read nowhere\.csv: ENOENT/m],
    ['an extension without a known format', ['bulk', resolve('README.md')], 1, /use one of \.csv/],
    ['a name with a space', ['bulk', 'x.csv', '--name', 'two words'], 2, /without spaces/],
  ])('%s is refused', async (_what, args, code, message) => {
    const bulk = greenroom(args);
    expect(await bulk.ended).toBe(code);
    expect(bulk.stderr).toMatch(message);
  });
});

test('a job of 500 rows is interrupted, found again and followed, and its failed rows are repaired: one room per key', async () => {
  // At the default rate of five rooms a second, the job would take 100 s.
  cli.stack.ivsChat.setQuotas({ tps: { CreateRoom: 10_000 }, burst: 10_000 });
  expect(await greenroom(['pace', 'rate', '100', 'us-west-2']).ended).toBe(0);
  const names = Array.from({ length: 499 }, (_, index) => `season-${index}`);
  const rows = names.map((name, index) => `${index % 2 === 0 ? `season/${index}` : ''},${name},us-west-2`);
  const manifest = file('season.csv', ['key,name,region', ...rows, ',season two,us-west-2', ''].join('\n'));
  const fault = { error: 'ValidationException', members: { reason: 'OTHER' } };
  cli.stack.ivsChat.inject({ operation: 'CreateRoom', region: 'us-west-2', times: 3, fault });
  const bulk = greenroom(['bulk', manifest]);
  await bulk.printed(/Uploaded/);
  bulk.process.kill('SIGINT');
  expect(await bulk.ended).toBe(130);

  const id = await until(async () => {
    const jobs = greenroom(['jobs']);
    expect(await jobs.ended).toBe(0);
    return /^([0-9a-f]{8}) .* season\.csv$/m.exec(jobs.stdout)?.[1];
  });
  const watch = greenroom(['watch', id]);
  expect(await watch.ended).toBe(1);
  expect(watch.stderr).toMatch(/500 rows: 496 rooms \(496 new\), 3 failed, 1 invalid\.$/m);

  const report = greenroom(['bulk', 'report', id, '--failed', '-o', 'repair.ndjson']);
  expect(await report.ended).toBe(0);
  expect(report.stderr).toMatch(/^Saved 3 failed rows and 1 invalid row to repair\.ndjson/);
  file('repair.ndjson', readFileSync(join(cli.cwd, 'repair.ndjson'), 'utf8').replace('season two', 'season-two'));
  // A second attempt finds the rooms of the first.
  for (const created of [4, 0]) {
    const repair = greenroom(['bulk', 'repair.ndjson']);
    expect(await repair.ended).toBe(0);
    expect(repair.stderr).toContain(`4 rows: 4 rooms (${created} new), 0 failed, 0 invalid.`);
  }
  const rooms = cli.stack.ivsChat.rooms().filter(({ name }) => name.startsWith('season-'));
  expect(rooms.map(({ name }) => name).sort()).toEqual([...names, 'season-two'].sort());
}, 90_000);

test('watch shows the events of bulk jobs among the completions', async () => {
  const watching = greenroom(['watch']);
  await watching.printed(/Watching/);
  const bulk = greenroom(['bulk', file('seen.csv', 'key\nseen/1\n')]);
  expect(await bulk.ended).toBe(0);
  await watching.printed(new RegExp(`bulk completed {2}${jobIn(bulk.stderr)} {2}1 of 1 rooms`));
  watching.process.kill('SIGINT');
  expect(await watching.ended).toBe(130);
  expect(watching.stdout).toMatch(/created {3}seen\/1/);
  expect(watching.stderr).not.toContain('Skipped');
}, 60_000);
