import { type FailureReason, failedCompletion, provisionedCompletion } from '../../lib/contract/completion.ts';
import type { Region } from '../../lib/contract/regions.ts';
import { ACCOUNT, REGION } from './lambda-context.ts';

interface Decision {
  decidedAtMs?: number;
  generation?: number;
  region?: Region;
}

/** The completion of a key with a room. */
export function madeRoom(
  idempotencyKey: string,
  { decidedAtMs = Date.now(), generation = 0, region = REGION }: Decision = {},
) {
  const id = idempotencyKey.replaceAll(/\W/g, '-');
  return provisionedCompletion({
    stage: 'test',
    idempotencyKey,
    tenant: 'default',
    region,
    claimId: 'claim',
    generation,
    payloadHash: `hash of ${idempotencyKey}`,
    decidedAtMs,
    outcome: 'created',
    late: false,
    room: { arn: `arn:aws:ivschat:eu-west-1:${ACCOUNT}:room/${id}`, id, name: `name-${id}` },
  });
}

/** The completion of a key without a room. */
export function noRoom(
  idempotencyKey: string,
  {
    decidedAtMs = Date.now(),
    generation = 0,
    region = REGION,
    reason = 'refused',
  }: Decision & { reason?: FailureReason } = {},
) {
  return failedCompletion({
    stage: 'test',
    idempotencyKey,
    tenant: 'default',
    region,
    claimId: 'claim',
    generation,
    payloadHash: `hash of ${idempotencyKey}`,
    decidedAtMs,
    reason,
    error: { name: 'ValidationException', message: 'The room is not valid' },
    retryable: false,
  });
}
