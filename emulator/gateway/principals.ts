import { createHash } from 'node:crypto';

/** The beginning of a unique id states the kind of resource: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes */
type IdPrefix = 'AIDA' | 'AROA' | 'ASIA';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const ID_LENGTH = 17;
const TEMPORARY_KEY_LENGTH = 16;

/** The callers that sign requests. Signatures are not verified, so only the access key id identifies a caller. */
export interface Principals {
  /** The access key id of a role's session, as the security token service would issue it. */
  openSession(roleId: string, session: string): string;
  /** SQS's `SenderId`: `<role id>:<session>` for a session's key, and a user's id for any other key. */
  senderIdOf(accessKeyId: string): string;
}

export function createPrincipals(): Principals {
  const senderIds = new Map<string, string>();
  return {
    openSession(roleId, session) {
      const senderId = `${roleId}:${session}`;
      const accessKeyId = uniqueId('ASIA', senderId, TEMPORARY_KEY_LENGTH);
      senderIds.set(accessKeyId, senderId);
      return accessKeyId;
    },
    senderIdOf: (accessKeyId) => senderIds.get(accessKeyId) ?? uniqueId('AIDA', accessKeyId),
  };
}

/** An id in the form of IAM's ids. The same name always gives the same id, so ids stay valid after a restart. */
export function uniqueId(prefix: IdPrefix, name: string, length = ID_LENGTH): string {
  const digest = createHash('sha256').update(name).digest();
  return prefix + [...digest.subarray(0, length)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
}
