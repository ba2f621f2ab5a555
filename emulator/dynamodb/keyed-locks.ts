/** Runs work while holding the locks of all its keys. Work on other keys is not delayed. */
export type KeyedLocks = <Result>(keys: readonly string[], work: () => Promise<Result>) => Promise<Result>;

/**
 * Each key is first come, first served. A caller joins the queues of all its keys in one synchronous step. So the earlier of two callers is
 * first in every queue that they share, and there can be no deadlock, whatever the order of the keys.
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
