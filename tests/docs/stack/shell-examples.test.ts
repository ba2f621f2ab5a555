import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  encoding: 'utf8',
});
const pages = listed.split('\n').filter((path) => path !== '' && existsSync(path));
const examplesIn = (text: string) => [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, script = '']) => script);
/** What the shell says about the syntax of a script, without running it. */
const complaintAbout = (script: string) => spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' }).stderr;

test.each(pages.filter((page) => examplesIn(readFileSync(page, 'utf8')).length > 0))(
  'the shell can read the commands of %s',
  (page) => {
    expect(examplesIn(readFileSync(page, 'utf8')).map(complaintAbout).filter(Boolean)).toEqual([]);
  },
);

test('commands that the shell cannot read are found', () => {
  const [script = ''] = examplesIn('```sh\naws sqs send-message --message-body \'{"a": 1}\n```\n');
  expect(complaintAbout(script)).toContain('unexpected EOF');
});
