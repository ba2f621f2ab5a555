import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { confirm } from '../../cli/confirm.ts';
import { messageId, theOne } from '../../cli/message-id.ts';
import { bodyForTerminal } from '../../lib/client/body-text.ts';

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
  ])('%j means %j', async (typed, meant) => {
    const { output, answer } = ask(typed);
    expect(await answer).toBe(meant);
    output.end();
    expect(await text(output)).toBe('Sure? [y/N] ');
  });

  test('that is answered lets go of the input, which may never end', async () => {
    const input = new PassThrough();
    input.write('y\n');
    const signal = new AbortController().signal;
    expect(await confirm('Sure?', { input, output: new PassThrough(), signal })).toBe(true);
    expect(input.isPaused()).toBe(true);
  });

  test('that is broken off means no', async () => {
    const interruption = new AbortController();
    const { answer } = ask(undefined, interruption.signal);
    interruption.abort();
    expect(await answer).toBe(false);
  });
});

describe('the id of a message', () => {
  const messages = [{ id: 'abcd1111-1' }, { id: 'abcd2222-2' }, { id: 'ffff0000-3' }];

  test('may be shortened as long as only one begins so', () => {
    expect(theOne(messages, messageId('FFFF'))).toBe(messages[2]);
    expect(theOne(messages, messageId('abcd2'))).toBe(messages[1]);
  });

  test('is refused with the candidates if two begin so, and if none does', () => {
    expect(() => theOne(messages, 'abcd')).toThrow('abcd is the beginning of 2 ids: abcd1111-1, abcd2222-2');
    expect(() => theOne(messages, 'eeee')).toThrow('begins with eeee');
  });
});

describe('a body at a terminal', () => {
  test.each([
    ['JSON is indented', '{"a":[1,"\\u001b"]}', '{\n  "a": [\n    1,\n    "\\u001b"\n  ]\n}'],
    ['what is no JSON keeps its lines', 'a\n\u001b[2Jb\r\n\u009bc', 'a\n\\x1b[2Jb\\x0d\n\\x9bc'],
    ['control characters that JSON leaves alone are shown', '"\u009b"', '"\\x9b"'],
  ])('%s', (_what, body, shown) => {
    expect(bodyForTerminal(body)).toBe(shown);
  });
});
