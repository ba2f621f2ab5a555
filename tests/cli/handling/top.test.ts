import { beforeEach, describe, expect, test } from '@jest/globals';
import { readReleaseLoad } from '../../../client/operate/release/release-load.ts';
import { createLoadReader } from '../../../client/operate/stage-load.ts';
import { createCommandBench } from '../../support/command-bench.ts';
import { START_MS } from '../../support/memory-bench.ts';
import { inTerminal } from '../../support/terminal.ts';

const HOUR_MS = 3_600_000;

let bench: ReturnType<typeof createCommandBench>;
beforeEach(() => {
  bench = createCommandBench();
});

const at = (ms: number) => new Date(ms).toISOString();
const request = (key: string, releaseAtMs?: number, region = 'eu-west-1') =>
  bench.handle(
    bench.record({
      ...{ idempotencyKey: key, room: {}, region },
      ...(releaseAtMs !== undefined && { releaseAt: at(releaseAtMs) }),
    }),
  );
const top = async () => {
  const { code, out } = await bench.run('top', '--json');
  expect(code).toBe(0);
  const { releases } = JSON.parse(out);
  return (region: string) => releases.find((each: { region: string }) => each.region === region);
};

describe('greenroom top shows of releases', () => {
  test('which rooms are due and which wait, in each region; rooms that are kept do not count', async () => {
    await request('kept');
    await request('soon', START_MS + HOUR_MS);
    await request('later', START_MS + 5 * HOUR_MS);
    await request('elsewhere', START_MS + 5 * HOUR_MS, 'us-east-1');
    bench.pass(2 * HOUR_MS);
    const of = await top();
    expect(of('eu-west-1')).toMatchObject({ due: 1, later: 1, stopped: false });
    // The release waits for the clock error, too.
    expect(of('eu-west-1').overdueSeconds).toBeGreaterThan(3_500);
    expect(of('eu-west-1').overdueSeconds).toBeLessThan(3_601);
    expect(of('us-east-1')).toMatchObject({ due: 0, later: 1, overdueSeconds: 0 });
    await bench.release();
    expect((await top())('eu-west-1')).toMatchObject({ due: 0, later: 1, overdueSeconds: 0, ceiling: 5 });
  });

  test('since when they are stopped', async () => {
    await bench.run('release', '--stop', 'eu-west-1');
    const of = await top();
    expect(of('eu-west-1')).toMatchObject({ stopped: true, stoppedAt: expect.stringMatching(/^2026-01-01T/) });
    expect(of('us-east-1')).toMatchObject({ stopped: false });
    const { out } = await bench.run('top', '--once');
    expect(out).toMatch(/^eu-west-1 +0 +0 +- +- +- {2}since 00:\d\d:\d\dZ$/m);
  });

  test('a new stop with every reading, but a new count only every ten seconds', async () => {
    const read = createLoadReader(bench.deployment, () => bench.clock.nowMs());
    await read();
    const queries = () => bench.callsOf('Query').length;
    const first = queries();
    expect(first).toBe(7 * 8);
    bench.pass(9_000);
    await bench.run('release', '--stop');
    const second = await read();
    expect(second.releasePaces.map(({ item }) => item.stopped_at)).not.toContain(undefined);
    expect(queries()).toBe(first);
    bench.pass(1_000);
    await read();
    expect(queries()).toBe(2 * first);
  });

  test('the rest, with the reason, if the due index may not be read', async () => {
    bench.before('Query', async () => {
      throw Object.assign(new Error('not authorized to perform: dynamodb:Query'), { name: 'AccessDeniedException' });
    });
    const { code, out } = await bench.run('top', '--once');
    expect({ code, last: out.trimEnd().split('\n').at(-1) }).toEqual({
      code: 0,
      last: expect.stringMatching(/^Waiting releases cannot be counted: .*dynamodb:Query/),
    });
  });

  test('nothing, if the network fails: the error is that of the command', async () => {
    bench.before('Query', async () => {
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    });
    await expect(readReleaseLoad(bench.deployment, START_MS)).rejects.toThrow('ECONNREFUSED');
  });
});

test.each([
  ['Ctrl-C during a reading ends the command without a word about the reading', true, 'Interrupted\n'],
  // Control: the screen is drawn, and says so if a call fails.
  ['a reading that fails is named, and the next one follows', false, 'Interrupted\n'],
])('%s', async (_what, isInterrupted, err) => {
  const { rows } = process.stdout;
  process.stdout.rows = 60;
  let failures = 0;
  bench.before('GetQueueAttributes', () => {
    if (bench.clock.nowMs() === START_MS) return;
    failures += 1;
    if (isInterrupted || failures > 20) bench.interrupt();
    throw Object.assign(new Error('Request aborted'), { name: 'AbortError' });
  });
  const run = await inTerminal(100, () => bench.run('top'));
  process.stdout.rows = rows;
  expect([run.code, run.err, run.out.includes('not refreshed')]).toEqual([130, err, !isInterrupted]);
});
