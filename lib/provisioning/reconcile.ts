import { roomName } from '../contract/keys.ts';
import type { ProvisionedRoom } from '../contract/room.ts';
import { findRoom } from './find-room.ts';
import type { Job } from './job.ts';
import { pacedCall } from './paced-call.ts';
import { Postponement } from './postponement.ts';
import { claimTag } from './room-tags.ts';
import { postponeMs } from './wait-times.ts';

// A room is listed in order of its update time; an update that was stamped by another clock may stand a little lower.
const PAGING_MARGIN_MS = 5 * 60_000;

/**
 * Resolves an intent that stands: finds the room that it made, or makes sure that there is none.
 * @returns the room; undefined if none exists and none can appear any more.
 * @throws Postponement while none is listed but one may still appear, or if the rooms can't be listed.
 */
export async function findMadeRoom(job: Job, intentMs: number): Promise<ProvisionedRoom | undefined> {
  const { clock, config } = job.services;
  const settledAtMs = intentMs + config.timing.settleMs;
  // Rule NOW: the clock is read before the listing begins; read afterwards, an early snapshot would be trusted late.
  const askedAtMs = clock.nowMs();
  const room = await lookForRoom(job, intentMs);
  if (room === undefined && askedAtMs < settledAtMs) throw new Postponement('unsettled', settledAtMs);
  return room;
}

/** Looks once for the room of the claim's present generation, whose call was made at `intentMs`. */
export async function lookForRoom(job: Job, intentMs: number): Promise<ProvisionedRoom | undefined> {
  const { claim, message, services } = job;
  const { config, clock, random } = services;
  try {
    return await findRoom({
      name: roomName(message.request.room, message.request.idempotencyKey),
      claimTag: claimTag(claim.item),
      notBeforeMs: intentMs - config.timing.clockErrorMs - PAGING_MARGIN_MS,
      call: (api, send) => pacedCall(job, api, send),
    });
  } catch (cause) {
    if (cause instanceof Postponement) throw cause;
    const waitMs = postponeMs(message.receiveCount, config.postponeScheduleSeconds, random);
    throw new Postponement('reconcile-failed', clock.nowMs() + waitMs, { cause });
  }
}
