import { roomName } from '../contract/keys.ts';
import type { ProvisionedRoom } from '../contract/room.ts';
import { ownTags } from '../ledger/room-tags.ts';
import type { RegionClosed, Slot } from '../pace/slot.ts';
import type { Failure } from '../platform/classify-failure.ts';
import { createRoom, roomToCreate } from './create-room.ts';
import type { Job } from './job.ts';
import { proberOf } from './prober-of.ts';

export interface FailedAttempt {
  kind: 'failed';
  failure: Failure;
  intentMs: number;
  /** The intent that this attempt's intent replaced: a settled intent whose room was not found. */
  replacedIntentMs: number | undefined;
  slot: Slot;
}

/**
 * Returns the state of the region's breaker if it is open. With a slot, it returns the state only if the breaker was opened after the slot
 * was reserved. Without a slot, the request has just made a call of its own, so its wait for the next probe begins now.
 */
export function regionClosedSince(job: Job, slot?: Slot): RegionClosed | undefined {
  const { message, services } = job;
  const prober = slot ? proberOf(job) : { ...proberOf(job), waitsSinceMs: services.clock.nowMs() };
  return services.pacer.regionClosed({ region: message.region, api: 'CreateRoom', ...prober }, slot);
}

/** Makes one attempt: writes the intent, and sends CreateRoom at most once, in its slot, signed with the intent's time. */
export async function sendCreateRoom(
  job: Job,
  slot: Slot,
): Promise<{ kind: 'created'; room: ProvisionedRoom } | FailedAttempt> {
  const { claim, message, invocation, services } = job;
  const { clock, config, clients } = services;
  const replacedIntentMs = claim.item.create_started_at;
  const intentMs = clock.nowMs();
  await claim.markIntent(intentMs);
  const { room, idempotencyKey } = message.request;
  const result = await createRoom({
    client: clients.ivsChat(message.region),
    request: roomToCreate(room, roomName(room, idempotencyKey), ownTags(claim.item, config)),
    intentMs,
    timing: config.timing,
    clock,
    signal: invocation.signal,
    awaitSlot: async () => {
      await clock.sleep(Math.max(0, slot.atMs - clock.nowMs()), invocation.signal);
      if (services.pacer.isStopped(message.bulkJob)) return 'stopped';
      if (regionClosedSince(job, slot)) return 'region-closed';
      return services.pacer.isPunctual(slot, 'sending') ? 'send' : 'missed';
    },
  });
  return result.kind === 'created' ? result : { ...result, intentMs, replacedIntentMs, slot };
}
