import { expect, test } from '@jest/globals';
import type { InvocationResult } from '../../../emulator/lambda/execution-environment.ts';
import { unfinishedMessageIds } from '../../../emulator/lambda/unfinished-messages.ts';

const MESSAGES = [{ MessageId: 'a' }, { MessageId: 'b' }, { MessageId: 'c' }];
const ALL = ['a', 'b', 'c'];

const ok = (payload: unknown): InvocationResult => ({ kind: 'ok', payload });
const failures = (...ids: unknown[]) => ok({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

test.each<[string, InvocationResult, string[]]>([
  ['no response reports no failures', ok(null), []],
  ['an empty response reports no failures', ok({}), []],
  ['a list that is null reports no failures', ok({ batchItemFailures: null }), []],
  ['an empty list reports no failures', failures(), []],
  ['only the listed messages fail', failures('a', 'c'), ['a', 'c']],
  ['a message listed twice fails once', failures('b', 'b'), ['b']],
  ['an unknown id fails all messages', failures('a', 'x'), ALL],
  ['an empty id fails all messages', failures(''), ALL],
  ['an id that is null fails all messages', failures(null), ALL],
  ['an item with a wrong key fails all messages', ok({ batchItemFailures: [{ itemIdentifer: 'a' }] }), ALL],
  ['a value that is not a list fails all messages', ok({ batchItemFailures: 'a' }), ALL],
  ['a response that is not an object fails all messages', ok('done'), ALL],
  [
    'an error of the function fails all messages',
    { kind: 'function-error', error: { name: 'Error', message: '' } },
    ALL,
  ],
  ['a timeout fails all messages', { kind: 'timeout' }, ALL],
  ['a crash fails all messages', { kind: 'crashed', reason: 'exit code 1' }, ALL],
])('with ReportBatchItemFailures, %s', (_title, result, unfinished) => {
  expect([...unfinishedMessageIds(result, MESSAGES, true)].sort()).toEqual(unfinished);
});

test.each<[string, InvocationResult, string[]]>([
  ['all messages are done, whatever the response is', failures('a'), []],
  ['a malformed response is a success', ok('done'), []],
  [
    'an error of the function fails all messages',
    { kind: 'function-error', error: { name: 'Error', message: '' } },
    ALL,
  ],
])('without ReportBatchItemFailures, %s', (_title, result, unfinished) => {
  expect([...unfinishedMessageIds(result, MESSAGES, false)].sort()).toEqual(unfinished);
});
