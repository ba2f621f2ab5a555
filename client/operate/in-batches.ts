/** The maximum number of items that one BatchGetItem call can retrieve. */
const MAX_BATCH_GET = 100;

/** Groups items so that one BatchGetItem call can read the data of a whole group. */
export async function* inBatches<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < MAX_BATCH_GET) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
