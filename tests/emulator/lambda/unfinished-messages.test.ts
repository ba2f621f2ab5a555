import { expect, test } from '@jest/globals';
import type { InvocationResult } from '../../../emulator/lambda/execution-environment.ts';
import { unfinishedMessageIds } from '../../../emulator/lambda/unfinished-messages.ts';

const MESSAGES = [{ MessageId: 'a' }, { MessageId: 'b' }, { MessageId: 'c' }];
const ALL = ['a', 'b', 'c'];

const ok = (payload: unknown): InvocationResult => ({ kind: 'ok', payload });
const failures = (...ids: unknown[]) => ok({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

test.each<[string, InvocationResult, string[]]>([
  ['no answer fails none', ok(null), []],
  ['an empty answer fails none', ok({}), []],
  ['a null list fails none', ok({ batchItemFailures: null }), []],
  ['an empty list fails none', failures(), []],
  ['listed messages fail alone', failures('a', 'c'), ['a', 'c']],
  ['a message listed twice fails once', failures('b', 'b'), ['b']],
  ['an unknown id fails all', failures('a', 'x'), ALL],
  ['an empty id fails all', failures(''), ALL],
  ['a null id fails all', failures(null), ALL],
  ['an item with a wrong key fails all', ok({ batchItemFailures: [{ itemIdentifer: 'a' }] }), ALL],
  ['a list that is none fails all', ok({ batchItemFailures: 'a' }), ALL],
  ['an answer that is no object fails all', ok('done'), ALL],
  ['an error fails all', { kind: 'function-error', error: { name: 'Error', message: '' } }, ALL],
  ['a time-out fails all', { kind: 'timeout' }, ALL],
  ['a crash fails all', { kind: 'crashed', reason: 'exit code 1' }, ALL],
])('with ReportBatchItemFailures %s', (_title, result, unfinished) => {
  expect([...unfinishedMessageIds(result, MESSAGES, true)].sort()).toEqual(unfinished);
});

test.each<[string, InvocationResult, string[]]>([
  ['whatever is answered, all are done', failures('a'), []],
  ['even something malformed is success', ok('done'), []],
  ['an error still fails all', { kind: 'function-error', error: { name: 'Error', message: '' } }, ALL],
])('without ReportBatchItemFailures %s', (_title, result, unfinished) => {
  expect([...unfinishedMessageIds(result, MESSAGES, false)].sort()).toEqual(unfinished);
});
