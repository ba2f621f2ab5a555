import { expect, test } from '@jest/globals';
import { callLine } from '../../client/calls/call-line.ts';

const output = (attempts: number) => ({ output: { Body: 'secret', $metadata: { attempts, requestId: 'id' } } });
const failed = Object.assign(new Error('secret'), { name: 'Throttled', $metadata: { attempts: 3, requestId: 'id' } });

test.each([
  ['a call', output(1), 'SQS SendMessage: 12 ms'],
  ['a call that was retried', output(2), 'SQS SendMessage: 12 ms, 2 attempts'],
  ['a call that failed', { error: failed }, 'SQS SendMessage: 12 ms, 3 attempts, Throttled (request id)'],
  ['a call that did not reach AWS', { error: new TypeError('secret') }, 'SQS SendMessage: 12 ms, TypeError'],
  ['a call that failed without an error', { error: 'secret' }, 'SQS SendMessage: 12 ms, failed'],
])('%s is one line without its content', (_title, ended, line) => {
  expect(callLine('SQS SendMessage', 12.3, ended)).toBe(line);
});
