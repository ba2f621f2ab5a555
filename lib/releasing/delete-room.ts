import { DeleteRoomCommand } from '@aws-sdk/client-ivschat';
import type { RoomItem } from '../ledger/ledger-item.ts';
import type { Slot } from '../pace/slot.ts';
import { classifyFailure } from '../platform/classify-failure.ts';
import { isOfThisAccount } from './check-owner.ts';
import { type Delay, delayOf } from './look-again.ts';
import type { ReleaseRun } from './release-run.ts';

/**
 * Sends one DeleteRoom call for a marked room, with the ARN from the ledger.
 * @returns `deleted` if the room no longer exists; otherwise the reason why the room may still exist
 */
export async function deleteRoom(item: RoomItem, slot: Slot, run: ReleaseRun): Promise<'deleted' | Delay> {
  const { services, signal } = run;
  const { clients, log } = services;
  try {
    const command = new DeleteRoomCommand({ identifier: item.room_arn });
    const { $metadata } = await clients.ivsChat(item.region).send(command, { abortSignal: signal });
    // The SDK accepts every status below 300. A proxy could respond with such a status even if IVS Chat has never received the call.
    if ($metadata.httpStatusCode === 204) return 'deleted';
    log.warn('Could not delete a room that must be released', {
      ledgerKey: item.id,
      arn: item.room_arn,
      delay: 'unknown',
      status: $metadata.httpStatusCode,
    });
    return 'unknown';
  } catch (error) {
    const failure = classifyFailure(error, true);
    if (failure.kind === 'not-found' && isOfThisAccount(item, run)) return 'deleted';
    const delay = failure.kind === 'not-found' ? 'denied' : delayOf(failure.kind);
    log[delay === 'refused' ? 'error' : 'warn']('Could not delete a room that must be released', {
      ledgerKey: item.id,
      arn: item.room_arn,
      delay,
      error: { name: failure.name, message: failure.message },
    });
    if (failure.kind === 'throttled') await noteThrottle(item, slot, run);
    return delay;
  }
}

/** The throttling shows that another program uses the quota too, so all workers slow down. */
async function noteThrottle({ region }: RoomItem, slot: Slot, { services }: ReleaseRun): Promise<void> {
  services.meter.countThrottle(region);
  await services.pacer.noteThrottle({ region, api: 'DeleteRoom', reservedAtMs: slot.reservedAtMs });
}
