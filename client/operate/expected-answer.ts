import { payloadHashes } from '../../lib/contract/payload-notations.ts';
import type { ReadRequest } from '../../lib/contract/read-message.ts';
import { judgeItem } from '../../lib/ledger/judge-item.ts';
import type { LedgerReading } from '../../lib/ledger/read-ledger-item.ts';

/**
 * What greenroom will do with a request that arrives now, as far as the ledger shows it. `new`: it creates a room. `retry`: an earlier
 * request with the key failed, and this one begins again. `in-progress`: it gives this request the outcome of the earlier request, which it
 * is already handling. `replay`: it publishes the stored completion again. `other-payload`: it refuses the request, because the key belongs
 * to another room. `released`: it refuses the request, because the room of the key was released. `damaged`: it parks the request.
 * `expired`: the time by which the room was needed has passed.
 */
export type ExpectedAnswer =
  | 'new'
  | 'retry'
  | 'in-progress'
  | 'replay'
  | 'other-payload'
  | 'released'
  | 'damaged'
  | 'expired';

/** @param reading the ledger item of the request's key */
export function expectedAnswer(
  reading: LedgerReading,
  { request: { room }, region, neededByMs }: Pick<ReadRequest, 'request' | 'region' | 'neededByMs'>,
  nowMs: number,
): ExpectedAnswer {
  if (reading.kind === 'damaged') return 'damaged';
  const isExpired = neededByMs <= nowMs;
  if (reading.kind !== 'known') return isExpired ? 'expired' : 'new';
  // The first request for an item that was rebuilt from a room's tags gets that room.
  if (reading.item.payload_hash === undefined) return isExpired ? 'expired' : 'in-progress';
  const [payloadHash, ...otherHashes] = payloadHashes({ room, region });
  const { kind } = judgeItem(reading.item, { payloadHash, otherHashes, sentAtMs: nowMs });
  switch (kind) {
    case 'busy':
      return 'in-progress';
    case 'key-reused':
      return 'other-payload';
    case 'key-released':
      return 'released';
    case 'replay':
      return 'replay';
    case 'retake':
      return isExpired ? 'expired' : 'retry';
  }
}
