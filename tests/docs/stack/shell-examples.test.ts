import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  encoding: 'utf8',
});
const pages = listed.split('\n').filter((path) => path !== '' && existsSync(path));
const examplesIn = (text: string) => [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, script = '']) => script);
/** The errors of the shell about the syntax of a script, which is not run. */
const complaintAbout = (script: string) => spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' }).stderr;

test.each(pages.filter((page) => examplesIn(readFileSync(page, 'utf8')).length > 0))(
  'the shell can parse the commands in %s',
  (page) => {
    expect(examplesIn(readFileSync(page, 'utf8')).map(complaintAbout).filter(Boolean)).toEqual([]);
  },
);

test('control: commands that the shell cannot parse are found', () => {
  const [script = ''] = examplesIn('```sh\naws sqs send-message --message-body \'{"a": 1}\n```\n');
  expect(complaintAbout(script)).toContain('unexpected EOF');
});
