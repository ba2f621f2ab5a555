import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { jobsOf, keysOf, manyRows } from '../../support/bulk-jobs.ts';
import { openRosters, type Rosters } from '../../support/rosters.ts';

let stack: Rosters;
let start: ReturnType<typeof jobsOf>['start'];
let stateOf: ReturnType<typeof jobsOf>['stateOf'];
let number = 0;
/** The name of a manifest that no other test uses. */
let name: string;

beforeAll(async () => {
  stack = await openRosters();
  ({ start, stateOf } = jobsOf(stack));
});
afterAll(() => stack.close());
beforeEach(async () => {
  name = `test-${++number}/rooms.csv`;
  await stack.purge();
});

test('a reader that runs out of time stops at a checkpoint, and the next reader continues there', async () => {
  const { notices, jobId } = await stack.putManifest(name, manyRows(800));
  let invocations = 0;
  for (let done = 0; done === 0; invocations++) {
    // Two seconds are for winding up. Each invocation has a little more time, so that the test also ends on a busy machine.
    done = (await stack.handle('manifests', notices, 2_150 + invocations * 250)).length;
  }
  expect(invocations).toBeGreaterThan(1);
  expect(await stateOf(jobId)).toMatchObject({ members: 800, rows: 800, state: 'sealed' });
  const keys = keysOf(await stack.requests());
  expect(new Set(keys).size).toBe(800);
  // A chunk that was sent but not recorded is sent again, at most one for each invocation.
  expect(keys.length).toBeLessThanOrEqual(800 + invocations * 100);
}, 120_000);

const body = `${manyRows(150)}\nkey-1\n,bad`;

/** A manifest whose reader crashed at this call. On a busy machine, an earlier call may time out; then another manifest is tried. */
async function crash(place: string, call: number, mode: 'before' | 'after') {
  for (let tries = 1; ; tries++) {
    const manifest = await stack.putManifest(`${place}-${tries}/${name}`, body);
    stack.proxy.crashAt(call, mode);
    await stack.handle('manifests', manifest.notices).catch(() => []);
    const { crashed } = stack.proxy;
    stack.proxy.crashAt();
    if (crashed) return manifest;
    await stack.purge();
    expect(tries).toBeLessThan(4);
  }
}

test('a reader that crashes at any of its calls, before the call takes effect or after it, loses and duplicates nothing', async () => {
  stack.proxy.crashAt();
  await start(name, body);
  const untouched = [...stack.proxy.calls];
  const expected = { state: 'sealed', members: 150, rows: 152, invalid_rows: 1, repeated_rows: 1 };
  const keys = keysOf(await stack.requests());
  expect(new Set(untouched)).toEqual(
    new Set([
      'UpdateItem',
      'GetItem',
      expect.stringMatching(/^GET \/manifests-of-test/),
      'GetQueueAttributes',
      'TransactWriteItems',
      'SendMessageBatch',
      'Query',
      'SendMessage',
    ]),
  );
  for (const [call] of untouched.entries()) {
    for (const mode of ['before', 'after'] as const) {
      const { notices, jobId } = await crash(`${call}-${mode}`, call + 1, mode);
      await stack.endLease(jobId);
      expect(await stack.handle('manifests', notices)).toHaveLength(1);
      expect(await stateOf(jobId)).toMatchObject(expected);
      const requests = keysOf(await stack.requests());
      expect([...new Set(requests)]).toEqual(keys);
      expect(await stack.receive('rosters', 10)).not.toEqual([]);
      await stack.purge();
    }
  }
}, 240_000);

const BAD = 'name,region\nmeta-1,eu-west-1\nbad name,eu-west-1\n';
const WHOLE = { 'greenroom-all-or-nothing': 'true' };

test('a second refusal of a manifest is announced under one id, even if its reader crashes at any call', async () => {
  await start(name, BAD, WHOLE);
  stack.proxy.crashAt();
  await start(name, BAD, WHOLE);
  const untouched = [...stack.proxy.calls];
  await stack.events();
  for (const [call] of untouched.entries()) {
    await start(`${call}/${name}`, BAD, WHOLE);
    const { notices, jobId } = await stack.putManifest(`${call}/${name}`, BAD, WHOLE);
    await stack.events();
    stack.proxy.crashAt(call + 1, 'after');
    await stack.handle('manifests', notices).catch(() => []);
    stack.proxy.crashAt();
    await stack.endLease(jobId);
    expect(await stack.handle('manifests', notices)).toHaveLength(1);
    expect(new Set((await stack.events()).map(({ id }) => id)).size).toBe(1);
    expect((await stateOf(jobId)).state).toBe('refused');
  }
}, 240_000);
