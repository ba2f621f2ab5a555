/** Runs work while holding the locks of all its keys. Work on other keys is not delayed. */
export type KeyedLocks = <Result>(keys: readonly string[], work: () => Promise<Result>) => Promise<Result>;

/**
 * Each key has a queue of callers, in the order of arrival. A caller joins the queues of all its keys in one synchronous step. Of two
 * callers, the earlier one is therefore first in every queue that they share, so there can be no deadlock, regardless of the order of the
 * keys.
 */
export function createKeyedLocks(): KeyedLocks {
  const lastInLine = new Map<string, Promise<void>>();

  return async (keys, work) => {
    const { promise: done, resolve: release } = Promise.withResolvers<void>();
    const before = keys.map((key) => lastInLine.get(key));
    for (const key of keys) lastInLine.set(key, done);
    try {
      await Promise.all(before);
      return await work();
    } finally {
      for (const key of keys) if (lastInLine.get(key) === done) lastInLine.delete(key);
      release();
    }
  };
}
