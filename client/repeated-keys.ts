import { ledgerKey, payloadHash } from '../lib/contract/keys.ts';
import { withoutEmptyMembers } from '../lib/contract/payload-notations.ts';
import type { Problem } from '../lib/contract/problems.ts';
import type { ReadRequest } from '../lib/contract/read-message.ts';

/** The number of keys that are remembered. They need about 100 MB. An input that never ends would otherwise fill the memory. */
const MAX_KEYS = 500_000;

/**
 * Finds requests that repeat the key of an earlier request of the same input, for a different room. greenroom would create one of the rooms,
 * depending on which request it handles first, and would refuse the other request. A request that is equal to the earlier one is harmless.
 */
export function createRepeatedKeys(maxKeys = MAX_KEYS) {
  const seen = new Map<string, { name: string; payload: string }>();
  return {
    /**
     * Notes a request.
     * @param name how the problem of a later request names it: `line 3`
     * @returns the problem of this request, if it has one
     */
    note({ request: { idempotencyKey, room }, region }: ReadRequest, name: string): Problem | undefined {
      const key = ledgerKey(idempotencyKey);
      const payload = payloadHash({ room: withoutEmptyMembers(room), region });
      const earlier = seen.get(key);
      if (earlier === undefined) {
        if (seen.size < maxKeys) seen.set(key, { name, payload });
        return undefined;
      }
      if (earlier.payload === payload) return undefined;
      const message = `is also the key of ${earlier.name}, which requests a different room: change one of the keys`;
      return { path: 'idempotencyKey', message };
    },
  };
}
