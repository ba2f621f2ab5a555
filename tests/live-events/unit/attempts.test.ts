import { expect, test } from '@jest/globals';
import { createAttempts, IncompleteEventError } from '../../../lib/live-events/attempts.ts';

const [first, second] = [new TypeError('first'), new Error('second')];
const failWith = (error: unknown) => () => Promise.reject(error);

test('steps that succeed return their results, and leave no failure', async () => {
  const attempts = createAttempts();
  expect(await attempts.try(async () => 7)).toBe(7);
  expect(attempts.failure()).toBeUndefined();
  expect(() => attempts.throwIfAny()).not.toThrow();
});

test('a step runs although another step has failed, and the first failure is reported', async () => {
  const attempts = createAttempts();
  expect(await attempts.try(failWith(first))).toBeUndefined();
  expect(await attempts.try(async () => 7)).toBe(7);
  await attempts.try(failWith(second));
  expect(attempts.failure()).toBe(first);
});

test('all failures are thrown together, including those of nested steps', async () => {
  const attempts = createAttempts();
  await attempts.try(failWith(new IncompleteEventError([first, second])));
  await attempts.try(failWith('a text'));
  const expected = { name: 'IncompleteEventError', failures: [first, second, 'a text'], cause: first };
  expect(() => attempts.throwIfAny()).toThrow(expect.objectContaining(expected));
  expect(() => attempts.throwIfAny()).toThrow('TypeError: first; Error: second; a text');
});
