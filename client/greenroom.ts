/// <reference lib="esnext.disposable" preserve="true" />

import { problemOfStageName } from '../lib/contract/stage-name.ts';
import { type CallOptions, signalOf, untilAborted } from './api/call-options.ts';
import type { ImportOptions, ImportResult, ManifestInput } from './api/import-result.ts';
import { importRooms } from './api/import-rooms.ts';
import type { KeyState } from './api/key-state.ts';
import type { CancelResult, LiveEventInput, ScheduleResult } from './api/live-event-result.ts';
import { cancelEvent, scheduleEvent } from './api/live-events.ts';
import { openOnce } from './api/open-stage.ts';
import type { ReleaseOptions, ReleaseResult } from './api/release-result.ts';
import { releaseRooms } from './api/release-rooms.ts';
import type { RequestOptions, RequestResult, RoomRequestInput } from './api/request-result.ts';
import { requestRooms } from './api/request-rooms.ts';
import { readKeyState } from './api/room-of-key.ts';
import type { GreenroomSettings } from './api/stage-settings.ts';
import { textArgument } from './api/text-argument.ts';
import { waitForRoom } from './api/wait-for-room.ts';
import type { WaitOptions, WaitResult } from './api/wait-result.ts';

/**
 * A client for one stage of greenroom. Each operation checks its input first, and returns a union whose `kind` says what happened. For an
 * invalid request, event, command or manifest, the result lists all problems. The SDK's errors are thrown unchanged. An argument that
 * cannot be used at all, such as a key that is not a string, causes a TypeError or a RangeError.
 */
export interface Greenroom extends AsyncDisposable {
  /** Requests a room. The room exists when `waitFor` or a completion says so. @throws the SDK's error */
  requestRoom(request: RoomRequestInput, options?: RequestOptions): Promise<RequestResult>;
  /**
   * Requests rooms, ten with each call. An invalid request does not prevent the others from being sent.
   * @returns a result for each request, in the same order
   * @throws the SDK's error. Some requests may have been sent: send all of them again, because each key gets at most one room
   */
  requestRooms(requests: Iterable<RoomRequestInput>, options?: RequestOptions): Promise<RequestResult[]>;
  /**
   * The state of a key, with its room: one strongly consistent GetItem. It accepts the keys of requests, of bulk jobs (`bulk/…`) and of live
   * events (`live/…`). It does not ask IVS Chat whether somebody else has deleted the room.
   * @throws the SDK's error
   */
  roomFor(key: string, options?: CallOptions): Promise<KeyState>;
  /**
   * Waits until the request with the given key has an outcome. It reads the key every few seconds.
   * @throws the signal's reason, the SDK's error, or RangeError for an unusable option
   */
  waitFor(key: string, options?: WaitOptions): Promise<WaitResult>;
  /** Schedules a live event, or a higher revision of it. @throws the SDK's error */
  schedule(event: LiveEventInput, options?: CallOptions): Promise<ScheduleResult>;
  /** Cancels a live event permanently. @throws the SDK's error */
  cancel(liveEventId: string, options?: CallOptions): Promise<CancelResult>;
  /** Releases (deletes) the room of a key at a given time or `now`, or keeps it (`releaseAt: null`). @throws the SDK's error */
  release(key: string, options: ReleaseOptions): Promise<ReleaseResult>;
  /** Like `release`, for many keys. @returns a result for each key, in the same order @throws the SDK's error */
  releaseRooms(keys: Iterable<string>, options: ReleaseOptions): Promise<ReleaseResult[]>;
  /** Uploads a manifest. greenroom requests a room for each of its rows. @throws the error of the file system or of the SDK */
  importRooms(file: ManifestInput, options?: ImportOptions): Promise<ImportResult>;
  /** Closes the connections, as `await using` does at the end of a block. Later operations reject. */
  close(): Promise<void>;
}

/**
 * Creates a client for a stage, without a call to AWS. The first operation finds the stage by the names of its resources, in the region and
 * with the credentials of the SDK's environment.
 * @throws TypeError or RangeError if `stage` cannot be the name of a stage
 */
export function createGreenroom(settings: GreenroomSettings): Greenroom {
  const problem = problemOfStageName(textArgument('stage', settings.stage));
  if (problem !== undefined) throw new RangeError(`stage is ${JSON.stringify(settings.stage)}: ${problem}`);
  return greenroomOn(openOnce(settings));
}

/** The operations of a client on a stage. */
export function greenroomOn({ open, close }: ReturnType<typeof openOnce>): Greenroom {
  let lastWishMs = 0;

  const roomFor = async (key: string, options: CallOptions = {}) => {
    const { deployment, tenant, time } = await open();
    return await readKeyState(deployment, key, { ...options, tenant, nowMs: time.nowMs });
  };
  const release = async (keys: Iterable<string>, options: ReleaseOptions) => {
    const stage = await open();
    const nextWishMs = () => {
      lastWishMs = Math.max(Math.floor(stage.time.nowMs()), lastWishMs + 1);
      return lastWishMs;
    };
    return await releaseRooms(stage, keys, options, nextWishMs);
  };

  return {
    requestRoom: (request, options) =>
      untilAborted(options, async () => only(await requestRooms(await open(), [request], options))),
    requestRooms: (requests, options) =>
      untilAborted(options, async () => await requestRooms(await open(), requests, options)),
    roomFor: (key, options) => untilAborted(options, () => roomFor(textArgument('key', key), options)),
    waitFor: (key, options = {}) =>
      untilAborted(options, async () => {
        const { clock } = await open();
        const waiting = { clock, random: Math.random, signal: signalOf(options) };
        const known = textArgument('key', key);
        return await waitForRoom(() => roomFor(known, options), options, waiting);
      }),
    schedule: (event, options) => untilAborted(options, async () => await scheduleEvent(await open(), event, options)),
    cancel: (liveEventId, options) =>
      untilAborted(
        options,
        async () => await cancelEvent(await open(), textArgument('liveEventId', liveEventId), options),
      ),
    release: (key, options) => untilAborted(options, async () => only(await release([key], options))),
    // A string is also iterable. If its characters were taken for keys, they could release rooms of other requests.
    releaseRooms: (keys, options) =>
      untilAborted(options, () => release(typeof keys === 'string' ? [keys] : keys, options)),
    importRooms: (file, options) => untilAborted(options, async () => await importRooms(await open(), file, options)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function only<Result>(results: readonly Result[]): Result {
  const [result] = results;
  if (result === undefined) throw new Error('There is no result');
  return result;
}
