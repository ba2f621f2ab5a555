/** The first items of a sequence, and the whole sequence, which still includes them. */
export interface Peeked<T> {
  first: T[];
  /** Whether the sequence has no other items. */
  isAll: boolean;
  all: AsyncGenerator<T>;
}

/** Reads items until there are enough, or until the sequence ends. A caller that never begins to read `all` must close the source. */
export async function peek<T>(items: AsyncIterable<T>, isEnough: (first: readonly T[]) => boolean): Promise<Peeked<T>> {
  const iterator = items[Symbol.asyncIterator]();
  const first: T[] = [];
  let isAll = false;
  while (!isAll && !isEnough(first)) {
    const next = await iterator.next();
    if (next.done) isAll = true;
    else first.push(next.value);
  }
  async function* all() {
    try {
      yield* first;
      yield* { [Symbol.asyncIterator]: () => iterator };
    } finally {
      await iterator.return?.();
    }
  }
  return { first, isAll, all: all() };
}
