import { expect, test } from '@jest/globals';
import { createCollection, type Resource } from '../../../emulator/ivschat/collection.ts';

const LAG_MS = 10;
const resource: Resource = { arn: 'arn', id: 'id', updateTime: '2026-01-01T00:00:00.000Z' };

test('a deleted resource is removed from memory when listings show its deletion, and not earlier', () => {
  const collection = createCollection<Resource>({ listingMs: () => LAG_MS, findingMs: () => 0 }, () => undefined);
  collection.put(resource, 0);
  collection.remove(resource.arn, 100);
  expect(collection.listed(109)).toEqual([resource]);
  expect([...collection.entries()]).toHaveLength(1);
  expect(collection.listed(110)).toEqual([]);
  expect([...collection.entries()]).toEqual([]);
  expect(collection.count()).toBe(0);
});
