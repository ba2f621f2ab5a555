import { rebuildRoom } from '../../client/operate/rebuild-request.ts';
import type { RequestStatus } from '../../client/operate/request-status.ts';
import { RESERVED_KEY_PREFIXES } from '../../lib/contract/keys.ts';
import type { LedgerItem } from '../../lib/ledger/ledger-item.ts';
import type { SendAgain, SentMessage } from '../api/requests.ts';

const RESERVED =
  'Only greenroom sends the requests of bulk jobs and live events. For failed rows, send a repaired file; for a live event, a revision.';
const RELEASED = 'The room was released, so a request with this key would fail (key-released). Use another key.';
const NO_KEY = 'The ledger has only the hash of the key: it was rebuilt from the tags of the room.';
const DAMAGED = 'The item of the key cannot be read. greenroom would park the request.';

/**
 * Determines the message that the console would send for a key. It must be the same request for certain: a message that the console has
 * sent itself, or one for the room of the completion if the hash in the ledger confirms it.
 * @param last the newest message that was sent from this console
 */
export function sendAgain(
  key: string | undefined,
  status: RequestStatus,
  last: (SentMessage & { body: string }) | undefined,
): SendAgain {
  if (key === undefined) return { kind: 'none', reason: NO_KEY };
  if (RESERVED_KEY_PREFIXES.some((prefix) => key.startsWith(prefix))) return { kind: 'none', reason: RESERVED };
  if (status.kind === 'damaged') return { kind: 'none', reason: DAMAGED };
  const item = status.kind === 'known' ? status.item : undefined;
  if (item?.decision === 'room' && item.release_marked_at !== undefined) return { kind: 'none', reason: RELEASED };
  if (last?.kind === 'request') return { kind: 'message', from: 'sent', body: last.body, lane: last.lane };
  return (item && rebuilt(key, item)) ?? { kind: 'form', fields: { idempotencyKey: key, ...(item && placeOf(item)) } };
}

function rebuilt(idempotencyKey: string, item: LedgerItem): SendAgain | undefined {
  const room = rebuildRoom(item);
  if (room === undefined) return undefined;
  const body = JSON.stringify({ idempotencyKey, room, ...placeOf(item) }, null, 2);
  return { kind: 'message', from: 'rebuilt', body, lane: 'interactive' };
}

function placeOf({ region, tenant }: LedgerItem) {
  return { region, ...(tenant !== undefined && { tenant }) };
}
