import {
  CreateRoomCommand,
  type CreateRoomRequest,
  type CreateRoomResponse,
  type GetRoomResponse,
  type IvschatClient,
} from '@aws-sdk/client-ivschat';
import { type ProvisionedRoom, provisionedRoomSchema, type Room } from '../contract/room.ts';
import { classifyFailure, type Failure } from '../platform/classify-failure.ts';
import type { Clock } from '../platform/clock.ts';
import type { Timing } from '../platform/config.ts';
import { signAtIntent } from './sign-at-intent.ts';

export type CreateRoomResult = { kind: 'created'; room: ProvisionedRoom } | { kind: 'failed'; failure: Failure };

export interface CreateRoomCall {
  client: IvschatClient;
  request: CreateRoomRequest;
  /** When the intent was written; the call is signed with this time. */
  intentMs: number;
  timing: Timing;
  clock: Clock;
  signal: AbortSignal;
  /** Waits until the time of the call's slot, and returns whether the call may still be sent. */
  awaitSlot(): Promise<SlotUse>;
}

/**
 * `missed`: the call is too late for its slot. `region-closed` and `stopped`: the region's breaker was opened, or the call's job was
 * stopped, while the call waited.
 */
export type SlotUse = 'send' | 'missed' | 'region-closed' | 'stopped';

/** The call was too late for its slot, and was not sent. */
export class SlotMissedError extends Error {
  override readonly name = 'SlotMissedError';
}

/** The region's breaker was opened before the call was sent, so the call was not sent. */
export class BreakerOpenedError extends Error {
  override readonly name = 'BreakerOpenedError';
}

/** The bulk job of the call was stopped before the call was sent, so the call was not sent. */
export class JobStoppedError extends Error {
  override readonly name = 'JobStoppedError';
}

/** Sends CreateRoom at most once. It never throws: every outcome is a result, and a failure that may have had an effect is `ambiguous`. */
export async function createRoom(call: CreateRoomCall): Promise<CreateRoomResult> {
  let sent = false;
  const command = new CreateRoomCommand(call.request);
  signAtIntent(command, {
    intentMs: call.intentMs,
    sendWindowMs: call.timing.sendWindowMs,
    clock: call.clock,
    beforeSend: async () => {
      const use = await call.awaitSlot();
      // A call that is aborted before it is sent has no effect. If it were aborted later, its outcome would be unknown.
      call.signal.throwIfAborted();
      if (use === 'missed') throw new SlotMissedError('The call was too late for its slot');
      if (use === 'region-closed') throw new BreakerOpenedError("The region's breaker was opened");
      if (use === 'stopped') throw new JobStoppedError('The job was stopped');
      sent = true;
    },
  });
  try {
    const response = await call.client.send(command, { abortSignal: call.signal });
    return { kind: 'created', room: toProvisionedRoom(response) };
  } catch (error) {
    return { kind: 'failed', failure: classifyFailure(error, sent) };
  }
}

/** CreateRoom's input: the requested room, with the name to search by and greenroom's own tags. */
export function roomToCreate(room: Room, name: string, ownTags: Record<string, string>): CreateRoomRequest {
  return { ...room, name, tags: { ...room.tags, ...ownTags } };
}

/**
 * A response of IVS Chat as plain JSON.
 * @throws ZodError if the response has no ARN
 */
export function toProvisionedRoom(response: CreateRoomResponse | GetRoomResponse): ProvisionedRoom {
  const { createTime, updateTime, ...rest } = response;
  const members = Object.entries(rest).filter(([name, value]) => name !== '$metadata' && value !== undefined);
  return provisionedRoomSchema.parse({
    ...Object.fromEntries(members),
    ...(createTime && { createTime: createTime.toISOString() }),
    ...(updateTime && { updateTime: updateTime.toISOString() }),
  });
}
