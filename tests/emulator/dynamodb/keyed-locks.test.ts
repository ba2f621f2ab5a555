import { expect, test } from '@jest/globals';
import { createKeyedLocks } from '../../../emulator/dynamodb/keyed-locks.ts';

test('work on one key waits for earlier work on that key, but not for work on another key', async () => {
  const locks = createKeyedLocks();
  const held = Promise.withResolvers<void>();
  const done: string[] = [];
  const note = (name: string) => async () => {
    done.push(name);
  };

  const holder = locks(['a'], () => held.promise);
  const waiting = locks(['a'], note('second on a'));
  await locks(['b'], note('first on b'));
  expect(done).toEqual(['first on b']);

  held.resolve();
  await Promise.all([holder, waiting]);
  expect(done).toEqual(['first on b', 'second on a']);
});

test('work on several keys in different orders neither deadlocks nor overlaps', async () => {
  const locks = createKeyedLocks();
  let running = 0;
  let most = 0;
  const work = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise(setImmediate);
    running -= 1;
  };

  await Promise.all(Array.from({ length: 20 }, (_, index) => locks(index % 2 ? ['a', 'b'] : ['b', 'a'], work)));
  expect(most).toBe(1);
});

test('work that fails releases its keys', async () => {
  const locks = createKeyedLocks();
  await expect(locks(['a'], () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  await expect(locks(['a'], async () => 'free')).resolves.toBe('free');
});
