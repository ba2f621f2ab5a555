import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

const run = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['examples/token-service/try.ts', ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};
const USAGE = /^Usage: npm run token -- \[KEY \[ROLE\]\]\n/m;

test.each(['--help', '-h'])('the token sample explains its arguments for %s, and starts nothing', (flag) => {
  expect(run(flag)).toEqual({ status: 0, stdout: expect.stringMatching(USAGE), stderr: '' });
});

test('an unknown option of the token sample is a usage error', () => {
  const { status, stdout, stderr } = run('--role', 'moderator');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^Unknown option '--role'/);
  expect(stderr).toMatch(USAGE);
});
