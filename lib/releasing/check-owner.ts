import { GetRoomCommand } from '@aws-sdk/client-ivschat';
import type { RoomItem } from '../ledger/ledger-item.ts';
import { CLAIM_TAG, claimTag } from '../ledger/room-tags.ts';
import { classifyFailure } from '../platform/classify-failure.ts';
import { type Delay, delayOf } from './look-again.ts';
import type { ReleaseRun } from './release-run.ts';

/**
 * Checks whether a room still has greenroom's tag. A person who changes the tag takes over the room. No promise depends on this check: it
 * protects people who do not know that the room is to be released.
 * @returns `gone` if the room no longer exists, or the reason why the room cannot be checked now
 * @throws NoSlotError
 */
export async function checkOwner(item: RoomItem, run: ReleaseRun): Promise<'ours' | 'changed' | 'gone' | Delay> {
  const { services, signal } = run;
  const { clients, log, pacer } = services;
  const slot = await run.takeSlot({ region: item.region, api: 'GetRoom' });
  try {
    const command = new GetRoomCommand({ identifier: item.room_arn });
    const { tags } = await clients.ivsChat(item.region).send(command, { abortSignal: signal });
    return tags?.[CLAIM_TAG] === claimTag(item) ? 'ours' : 'changed';
  } catch (error) {
    const { kind, name, message } = classifyFailure(error, true);
    if (kind === 'not-found') return isOfThisAccount(item, run) ? 'gone' : 'denied';
    if (kind === 'throttled')
      await pacer.noteThrottle({ region: item.region, api: 'GetRoom', reservedAtMs: slot.reservedAtMs });
    const delay = delayOf(kind);
    log.warn('Could not read a room that must be released', { ledgerKey: item.id, delay, error: { name, message } });
    return delay;
  }
}

/**
 * Whether a 404 proves that the room does not exist. IVS Chat answers 404 to callers of other accounts, too. A function makes its calls with
 * the account that owns its topic, and in the region of the item.
 */
export function isOfThisAccount({ room_arn: arn, region }: RoomItem, { services }: ReleaseRun): boolean {
  const [, , , roomRegion, roomAccount] = arn.split(':');
  const [, , , , ownAccount] = services.config.completionTopicArn.split(':');
  return roomAccount === ownAccount && roomRegion === region;
}
