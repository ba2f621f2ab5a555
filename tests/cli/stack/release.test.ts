import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { copyOfPackage, withVariables } from '../../policies/paths/world.ts';
import { until } from '../../support/gateway-clients.ts';
import { type CliStack, openCliStack } from './cli-stack.ts';

let copy: ReturnType<typeof copyOfPackage>;
let cli: CliStack;

beforeAll(async () => {
  copy = copyOfPackage((_id, resource) => withVariables(resource, { GREENROOM_RELEASES: 'true' }));
  cli = await openCliStack({ templateFile: copy.templateFile });
});
afterAll(async () => {
  await cli.close();
  copy.remove();
});

async function run(...args: string[]) {
  const child = cli.greenroom(args);
  const code = await child.ended;
  return { code, out: child.stdout, err: child.stderr };
}

async function makeRoom(key: string): Promise<void> {
  const child = cli.greenroom(['send', '-', '--wait'], { input: JSON.stringify({ idempotencyKey: key, room: {} }) });
  expect(await child.ended).toBe(0);
}

describe('release --wait', () => {
  test('prints the answer to each command, and status and watch show the release', async () => {
    await makeRoom('wait/a');
    const watching = cli.greenroom(['watch', '--json']);
    await watching.printed(/Watching/);
    const released = await run('release', 'wait/a', 'wait/b', '--at', '2099-01-01T00:00:00Z', '--yes', '--wait');
    expect(released).toMatchObject({ code: 0, err: expect.stringContaining('2 of 2 commands apply.\n') });
    const line = (key: string, where: string, state: string) =>
      expect.stringMatching(
        new RegExp(`release-scheduled {2}${key} {2}${where} {2}${state}, released at 2099-01-01T00:00:00.000Z`),
      );
    expect(released.out).toEqual(line('wait/a', 'eu-west-1', 'room made'));
    expect(released.out).toEqual(line('wait/b', '-', 'not requested yet'));
    const { out } = await run('status', 'wait/a');
    expect(out).toMatch(/Z {2}release requested for 2099-01-01T00:00:00.000Z\n/);
    expect(JSON.parse((await run('status', 'wait/b', '--json')).out)).toMatchObject({
      state: 'not-requested',
      wish: { releaseAt: '2099-01-01T00:00:00.000Z' },
    });
    await watching.printed(/"greenroom\.room\.release-scheduled\.v1"/);
    watching.process.kill('SIGINT');
    await watching.ended;
  }, 60_000);

  test('as JSON prints the rooms, the answers and the totals', async () => {
    const { code, out } = await run('release', 'json/a', '--keep', '--wait', '--json');
    const [room, answer, totals] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(room).toEqual({ key: 'json/a', state: 'unknown' });
    expect(answer).toMatchObject({
      type: 'greenroom.room.release-scheduled.v1',
      data: { standing: { releaseAt: null } },
    });
    expect(totals).toMatchObject({ total: 1, sent: 1, releaseAt: null, wishedAt: answer.data.wishedAt });
    expect(code).toBe(0);
  }, 60_000);

  test('fails if the service does not follow a command', async () => {
    await makeRoom('other/a');
    // The clock of another sender is so far ahead that no command may be later.
    const ahead = new Date(Date.now() + 280_000).toISOString();
    const body = { type: 'Room Release Requested', idempotencyKey: 'other/a', releaseAt: null, wishedAt: ahead };
    const sent = cli.greenroom(['send', '-'], { input: JSON.stringify(body) });
    expect(await sent.ended).toBe(0);
    await until(async () => (await run('status', 'other/a')).out.includes('requested to keep the room') || undefined);
    const { code, out, err } = await run('release', 'other/a', '--yes', '--wait');
    expect(out).toContain('kept (a later command or request applies)');
    expect([code, err]).toEqual([1, expect.stringContaining('0 of 1 command applies.')]);
  }, 60_000);
});

test('a stage that releases no rooms says so', async () => {
  const off = copyOfPackage((_id, resource) => withVariables(resource, { GREENROOM_RELEASES: 'false' }));
  const stage = await openCliStack({ templateFile: off.templateFile });
  try {
    const child = stage.greenroom(['release', 'key', '--yes', '--wait']);
    expect(await child.ended).toBe(1);
    expect(child.stdout).toContain('invalid-request: releases are switched off in this deployment');
  } finally {
    await stage.close();
    off.remove();
  }
}, 60_000);
