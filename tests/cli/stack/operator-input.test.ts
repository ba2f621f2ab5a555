import { resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from '@jest/globals';
import { confirm } from '../../../cli/confirm.ts';
import { findByIdStart, messageId } from '../../../cli/message-id.ts';
import { bodyForTerminal } from '../../../cli/print/body-text.ts';
import { createCommandRunner } from '../../support/command-runner.ts';

const runner = createCommandRunner(resolve('dist/cli/greenroom.js'));
afterAll(() => runner.close());

describe('a question', () => {
  function ask(answer: string | undefined, signal = new AbortController().signal) {
    const input = new PassThrough();
    const output = new PassThrough();
    if (answer !== undefined) input.end(answer);
    return { output, answer: confirm('Sure?', { input, output, signal }) };
  }

  test.each([
    ['y\n', true],
    [' Yes \nno\n', true],
    ['n\n', false],
    ['yesterday\n', false],
    ['\ny\n', false],
    ['', false],
  ])('answered with %j is confirmed: %j', async (typed, meant) => {
    const { output, answer } = ask(typed);
    expect(await answer).toBe(meant);
    output.end();
    expect(await text(output)).toBe('Sure? [y/N] ');
  });

  test('stops reading the input after the answer, because the input may never end', async () => {
    const input = new PassThrough();
    input.write('y\n');
    const signal = new AbortController().signal;
    expect(await confirm('Sure?', { input, output: new PassThrough(), signal })).toBe(true);
    expect(input.isPaused()).toBe(true);
  });

  test('that is interrupted is not confirmed', async () => {
    const interruption = new AbortController();
    const { answer } = ask(undefined, interruption.signal);
    interruption.abort();
    expect(await answer).toBe(false);
  });
});

describe('the id of a message', () => {
  const messages = [{ id: 'abcd1111-1' }, { id: 'abcd2222-2' }, { id: 'ffff0000-3' }];

  test('may be shortened if only one id begins with the short form', () => {
    expect(findByIdStart(messages, messageId('FFFF'))).toBe(messages[2]);
    expect(findByIdStart(messages, messageId('abcd2'))).toBe(messages[1]);
  });

  test('is refused if no id begins with the short form; if two ids do, the error lists them', () => {
    expect(() => findByIdStart(messages, 'abcd')).toThrow('2 ids begin with abcd: abcd1111-1, abcd2222-2');
    expect(() => findByIdStart(messages, 'eeee')).toThrow('begins with eeee');
  });
});

describe('a body at a terminal', () => {
  test.each([
    ['JSON is indented', '{"a":[1,"\\u001b"]}', '{\n  "a": [\n    1,\n    "\\u001b"\n  ]\n}'],
    ['a body that is not JSON keeps its lines', 'a\n\u001b[2Jb\r\n\u009bc', 'a\n\\x1b[2Jb\\x0d\n\\x9bc'],
    ['control characters that JSON leaves alone are shown', '"\u009b"', '"\\x9b"'],
  ])('%s', (_what, body, shown) => {
    expect(bodyForTerminal(body)).toBe(shown);
  });
});

describe('usage', () => {
  test.each([
    ['nothing named', ['redrive', '--yes'], 'exactly one of message ids, --reason and --all'],
    ['an id together with --all', ['redrive', 'abcd', '--all'], 'exactly one of message ids, --reason and --all'],
    ['an unknown reason', ['parked', '--reason', 'boredom'], 'Allowed choices are unparseable'],
    ['an id that is too short', ['parked', 'show', 'abc'], 'first 4 characters'],
    ['a time in the past', ['redrive', 'abcd', '--needed-by', '2020-01-01T00:00:00Z'], 'must be in the future'],
    ['a time without an offset', ['redrive', 'abcd', '--needed-by', '2030-01-01T00:00'], 'with an offset'],
    ['no key', ['status'], "missing required argument 'key'"],
  ])('%s is a usage error: %j', async (_what, args, message) => {
    const child = runner.start(args, { cwd: '.' });
    const code = await child.ended;
    expect([code, child.stdout]).toEqual([2, '']);
    expect(child.stderr).toContain(message);
  });

  test.each([['parked'], ['redrive'], ['status']])('%s --help shows examples', async (command) => {
    const child = runner.start([command, '--help'], { cwd: '.' });
    expect(await child.ended).toBe(0);
    expect(child.stdout).toMatch(/^Usage: greenroom.*\nExamples:\n {2}\$ /s);
  });
});
