import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { DamagedItemError, parseStoredItem } from '../../../lib/ledger/ledger-item.ts';
import type { Waiting } from '../../../lib/platform/backoff.ts';
import { batchGet } from '../../../lib/platform/batch-get.ts';
import type { Deployment } from '../../deployment.ts';
import { inBatches } from '../in-batches.ts';
import { type NamedKey, type RoomRelease, roomReleaseOf } from './room-release.ts';

/**
 * Reads the rooms of keys from the ledger, in the order of the keys. A key that occurs again is left out. Needs `dynamodb:BatchGetItem` on
 * the ledger. The reads are consistent, because an old item could show a room that is already marked as one that can still be kept.
 * @throws errors from `batchGet`
 */
export async function* readRoomReleases(
  { dynamodb, ledgerTable: tableName }: Pick<Deployment, 'dynamodb' | 'ledgerTable'>,
  keys: AsyncIterable<NamedKey>,
  waiting: Waiting,
): AsyncGenerator<RoomRelease> {
  for await (const batch of inBatches(withoutRepeated(keys))) {
    const ids = new Map(batch.map((named) => [ledgerKey(named.key), named]));
    const toGet = { tableName, keys: [...ids.keys()].map((id) => ({ id: { S: id } })), ConsistentRead: true };
    const items = new Map((await batchGet(dynamodb, toGet, waiting)).map((item) => [item.id?.S, item]));
    for (const [id, named] of ids) yield read(named, items.get(id));
  }
}

function read(named: NamedKey, attributes: Record<string, AttributeValue> | undefined): RoomRelease {
  try {
    return roomReleaseOf(named, attributes && parseStoredItem(attributes));
  } catch (error) {
    if (!(error instanceof DamagedItemError)) throw error;
    return { ...named, state: 'damaged' };
  }
}

async function* withoutRepeated(keys: AsyncIterable<NamedKey>): AsyncGenerator<NamedKey> {
  const seen = new Set<string>();
  for await (const named of keys) {
    if (seen.has(named.key)) continue;
    seen.add(named.key);
    yield named;
  }
}
