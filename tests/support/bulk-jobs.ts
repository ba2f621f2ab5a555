import { expect } from '@jest/globals';
import { readRoster } from '../../lib/rosters/roster-states.ts';
import { must } from './must.ts';
import type { Rosters } from './rosters.ts';

export const keysOf = (requests: Awaited<ReturnType<Rosters['requests']>>) =>
  requests.map(({ request }) => request.idempotencyKey).sort();

/** A manifest with a number of keys. */
export const manyRows = (count: number) =>
  ['key', ...Array.from({ length: count }, (_, index) => `key-${index}`)].join('\n');

export function jobsOf(stack: Rosters) {
  return {
    /** Uploads a manifest and lets the reader read it. */
    async start(fileName: string, body: string | Uint8Array, metadata: Record<string, string> = {}) {
      const { notices, jobId } = await stack.putManifest(fileName, body, metadata);
      expect(notices).toHaveLength(1);
      expect(await stack.handle('manifests', notices)).toHaveLength(1);
      return { notices, jobId };
    },
    stateOf: async (jobId: string) => must(await readRoster(stack.table, jobId)),
  };
}

/** A manifest with these rows. */
export function csv(...rows: string[]): string {
  return ['key,region', ...rows].join('\n');
}

/** `count` rows of a region, with the keys `<region>-1`, `<region>-2` and so on. */
export function rowsOf(region: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${region}-${index + 1},${region}`);
}
