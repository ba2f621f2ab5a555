import type { IvschatClient } from '@aws-sdk/client-ivschat';
import type { RoomApi } from '../pace/pace-item.ts';
import type { Slot } from '../pace/slot.ts';
import { classifyFailure } from '../platform/classify-failure.ts';
import type { Job } from './job.ts';
import { takeSlot } from './take-slot.ts';

/** Sends one call with the client of the request's region. */
export type SendOne<Output> = (client: IvschatClient, options: { abortSignal: AbortSignal }) => Promise<Output>;

/**
 * Sends one call to a quota-limited API, in its own slot. A throttle lowers the rate of all workers.
 * @throws Postponement if there is no slot; otherwise the error of the call
 */
export async function pacedCall<Output>(job: Job, api: RoomApi, send: SendOne<Output>): Promise<Output> {
  const slot = await takeSlot(job, { api });
  try {
    const client = job.services.clients.ivsChat(job.message.region);
    return await send(client, { abortSignal: job.invocation.signal });
  } catch (error) {
    if (classifyFailure(error, true).kind === 'throttled') await noteThrottle(job, api, slot);
    throw error;
  }
}

/** Notes that a call was throttled although it was sent in its slot: another program uses the quota, so all workers slow down. */
export async function noteThrottle({ message, services }: Job, api: RoomApi, slot: Slot): Promise<void> {
  services.meter.countThrottle(message.region);
  await services.pacer.noteThrottle({ region: message.region, api, reservedAtMs: slot.reservedAtMs });
}
