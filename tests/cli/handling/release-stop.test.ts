import { beforeEach, expect, test } from '@jest/globals';
import { REGIONS } from '../../../lib/contract/regions.ts';
import { createCommandBench } from '../../support/command-bench.ts';
import { START_MS } from '../../support/memory-bench.ts';
import { runInProcess } from '../../support/run-in-process.ts';

let bench: ReturnType<typeof createCommandBench>;
beforeEach(() => {
  bench = createCommandBench();
});

const json = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const stoppedIn = async () => {
  const { stoppedReleases } = JSON.parse((await bench.run('pace', '--json')).out);
  return stoppedReleases.map(({ region }: { region: string }) => region);
};

test('release --stop stops all regions, keeps the time of the first stop, and pace shows it', async () => {
  const { code, out, err } = await bench.run('release', '--stop');
  const lines = out.trim().split('\n');
  expect([code, err, lines.length]).toEqual([0, '', REGIONS.length]);
  const [, sinceMs = ''] = /^us-east-1 {7}releases stopped since (\S+)$/.exec(lines[0] ?? '') ?? [];
  expect(Math.abs(Date.parse(sinceMs) - START_MS)).toBeLessThan(2_000);
  bench.pass(60_000);
  expect((await bench.run('release', '--stop')).out).toBe(out);
  const pace = await bench.run('pace');
  expect(pace.out).toContain(
    '\n\nReleases of rooms are stopped by an operator:\n  us-east-1       since 2026-01-01T00:00:0',
  );
  expect(pace.out).toMatch(/\nTo resume them: greenroom release --resume\n$/);
  expect(await stoppedIn()).toEqual([...REGIONS]);
});

test('release --stop REGION and --resume REGION change only this region', async () => {
  const stopped = await bench.run('release', '--stop', 'eu-west-1', '--json');
  expect(json(stopped.out)).toEqual([{ region: 'eu-west-1', stopped: true, stoppedAt: expect.any(String) }]);
  expect(await stoppedIn()).toEqual(['eu-west-1']);
  await bench.run('release', '--stop', 'us-west-2');
  const resumed = await bench.run('release', '--resume', 'eu-west-1');
  expect([resumed.code, resumed.out]).toEqual([0, 'eu-west-1       releases continue\n']);
  expect(await stoppedIn()).toEqual(['us-west-2']);
  await bench.run('release', '--resume');
  expect(await stoppedIn()).toEqual([]);
  // Control: without a stop, pace says nothing about releases.
  expect((await bench.run('pace')).out).not.toContain('eleases');
});

test('a region that cannot be changed does not prevent the stop of the others', async () => {
  bench.before('UpdateItem', ({ input }) => {
    if (input.Key.id.S === 'eu-west-1#DeleteRoom')
      throw Object.assign(new Error('denied'), { name: 'AccessDeniedException' });
  });
  const { code, err } = await bench.run('release', '--stop');
  expect(err).toMatch(
    /^Releases may continue in these regions:\n {2}eu-west-1: .*\nRun the command again\. .*\n {2}greenroom release --stop\n$/,
  );
  expect(code).toBe(1);
  bench.beforeAny(() => undefined);
  expect(await stoppedIn()).toEqual(REGIONS.filter((region) => region !== 'eu-west-1'));
});

test('the time of a stop does not depend on the clock of the computer', async () => {
  const { clock, deployment } = bench;
  const fastClock = { ...clock, nowMs: () => clock.nowMs() + 3_600_000 };
  const run = await runInProcess(['release', '--stop', '--json'], {
    signal: new AbortController().signal,
    clock: fastClock,
    findDeployment: async () => deployment,
  });
  for (const { stoppedAt } of json(run.out)) expect(Math.abs(Date.parse(stoppedAt) - START_MS)).toBeLessThan(2_000);
});
