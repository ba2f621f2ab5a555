import { canonicalJson, sha256 } from './keys.ts';

/**
 * The id of an outcome: hex SHA-256 of claim, key, payload, generation and outcome. Every copy of the outcome's completion has this id.
 * Without the claim, the ids would repeat when an expired key is used again, and consumers would drop completions that they have not seen.
 * @param parts.claimId absent only in completions of earlier versions
 */
export function completionId(parts: {
  claimId: string | undefined;
  idempotencyKey: string;
  payloadHash: string;
  generation: number;
  outcome: 'created' | 'adopted' | 'failed';
}): string {
  const { claimId, idempotencyKey, payloadHash, generation, outcome } = parts;
  const claim = claimId === undefined ? [] : [claimId];
  return hashOf([...claim, idempotencyKey, payloadHash, generation, outcome]);
}

/**
 * The id of the completion for a message whose key belongs to another payload: hex SHA-256 of claim, key, payload and `key-reused`. It does
 * not depend on the generation: every delivery of the message has the same completion, even if the failed key is claimed again in between.
 */
export function keyReusedCompletionId(parts: { claimId: string; idempotencyKey: string; payloadHash: string }): string {
  return hashOf([parts.claimId, parts.idempotencyKey, parts.payloadHash, 'key-reused']);
}

/**
 * The id of the completion for a request whose key belongs to a released room: hex SHA-256 of claim, key, payload, generation and
 * `key-released`. It differs from the id of the room's own completion.
 */
export function keyReleasedCompletionId(parts: {
  claimId: string;
  idempotencyKey: string;
  payloadHash: string;
  generation: number;
}): string {
  return hashOf([parts.claimId, parts.idempotencyKey, parts.payloadHash, parts.generation, 'key-released']);
}

/** The id of the completion for an invalid request with a readable key. The request has no claim, so the id depends on the body instead. */
export function invalidCompletionId(idempotencyKey: string, body: string): string {
  return hashOf([idempotencyKey, sha256(body), 'invalid']);
}

/** The id of the completion for a message without a readable key. */
export function unparseableCompletionId(body: string): string {
  return hashOf([sha256(body)]);
}

function hashOf(parts: (string | number)[]): string {
  return sha256(canonicalJson(parts));
}
