import { GetRoomCommand, ResourceNotFoundException } from '@aws-sdk/client-ivschat';
import { roomName } from '../contract/keys.ts';
import type { ProvisionedRoom } from '../contract/room.ts';
import type { ListingProgress, ProvenNone } from '../ledger/listing-progress.ts';
import { claimTag } from '../ledger/room-tags.ts';
import { shareOfAgeMs } from '../platform/waits.ts';
import { toProvisionedRoom } from './create-room.ts';
import { findRoom, RefusedTokenError, type RoomSearch, type SearchResult } from './find-room.ts';
import type { Job } from './job.ts';
import { pacedCall } from './paced-call.ts';
import { Postponement } from './postponement.ts';

// Rooms are listed by update time. If the clock that set a room's update time was slow, the room is a little further down.
const PAGING_MARGIN_MS = 5 * 60_000;

/**
 * Resolves an intent of an earlier attempt: finds its room, or proves that there is none.
 * @returns the room; undefined if there is none and none can appear later
 * @throws Postponement if no room is listed but one may still appear, or if this invocation cannot read the list to its end
 */
export async function resolveIntent(job: Job, intentMs: number): Promise<ProvisionedRoom | undefined> {
  const { nowMs } = job.services.clock;
  const { likelyAtMs, settledAtMs } = settlingTimes(job, intentMs);
  const rebuilt = await readRebuiltRoom(job);
  if (rebuilt) return rebuilt;
  const startedAtMs = nowMs();
  const proven = provenNone(job, intentMs);
  if (proven) return readFirstPageAgain(job, proven);
  const sinceMs = [settledAtMs, likelyAtMs].find((atMs) => atMs <= startedAtMs) ?? startedAtMs;
  const result = await searchForRoom(job, intentMs, { sinceMs, progress: usableProgress(job, intentMs, startedAtMs) });
  if (result.room) return result.room;
  // Rule NOW: the time of the listing's first page counts. If a later time counted, a page that was read too early would be trusted.
  if (result.listedSinceMs >= settledAtMs) {
    saveProof(job, { intent: intentMs, started_at: result.listedSinceMs, none: true });
    return undefined;
  }
  throw new Postponement('unsettled', { endsAtMs: result.listedSinceMs < likelyAtMs ? likelyAtMs : settledAtMs });
}

/**
 * Reads the room of a rebuilt item. Its ARN is known, so the room is found even if it was renamed. If the room no longer exists, it was
 * deleted.
 */
async function readRebuiltRoom(job: Job): Promise<ProvisionedRoom | undefined> {
  const { rebuilt_from: identifier } = job.claim.item;
  if (identifier === undefined) return undefined;
  try {
    const command = new GetRoomCommand({ identifier });
    return toProvisionedRoom(await pacedCall(job, 'GetRoom', (client, options) => client.send(command, options)));
  } catch (cause) {
    if (cause instanceof ResourceNotFoundException) return undefined;
    throw toPostponement(job, cause, undefined);
  }
}

/**
 * Reads only the first page. An earlier listing has proved that the intent has no room, and a settled intent can no longer create one, so
 * the rest of the list need not be read again. If a room appears nevertheless, it is at the top of the list.
 */
async function readFirstPageAgain(job: Job, proven: ProvenNone): Promise<ProvisionedRoom | undefined> {
  try {
    const sinceMs = job.services.clock.nowMs();
    return (await searchForRoom(job, proven.intent, { sinceMs, quick: true })).room;
  } finally {
    saveProof(job, proven);
  }
}

/** Keeps the proof for the next worker. If another intent replaces this one and is cleared, this intent and its proof are valid again. */
function saveProof({ claim }: Job, proven: ProvenNone): void {
  claim.noteOnRelease({ set: { listing: proven } });
}

/**
 * Reads only the first page, soon after a call whose outcome is unknown, because some rooms are listed immediately.
 * @throws Postponement if the room is not listed yet. The wait ends when it is likely to be listed.
 */
export async function findAlreadyListed(job: Job, intentMs: number): Promise<ProvisionedRoom> {
  const { likelyAtMs } = settlingTimes(job, intentMs);
  const sinceMs = job.services.clock.nowMs();
  const { room } = await searchForRoom(job, intentMs, { sinceMs, quick: true });
  if (room) return room;
  throw new Postponement('unsettled', { endsAtMs: likelyAtMs });
}

/** After `likelyAtMs`, a search very likely finds the room. After `settledAtMs`, a search without a result proves that there is none. */
function settlingTimes({ services }: Job, intentMs: number): { likelyAtMs: number; settledAtMs: number } {
  const { timing } = services.config;
  return { likelyAtMs: intentMs + lateMs(services), settledAtMs: intentMs + timing.settleMs };
}

/** The longest time until a list shows a change, measured by a worker's clock. */
function lateMs({ config: { timing } }: Job['services']): number {
  return timing.listingLagMs + timing.clockErrorMs;
}

/** The stored proof that this intent has no room (rules BOUND and NOW). Any worker may rely on this proof, at any time. */
function provenNone(job: Job, intentMs: number): ProvenNone | undefined {
  const { listing } = job.claim.item;
  const { settledAtMs } = settlingTimes(job, intentMs);
  const isProven = listing && 'none' in listing && listing.intent === intentMs && listing.started_at >= settledAtMs;
  return isProven ? listing : undefined;
}

/** Where an earlier invocation stopped. After the settle time, a listing that began earlier proves nothing, so a new one starts. */
function usableProgress(job: Job, intentMs: number, nowMs: number): ListingProgress | undefined {
  const progress = job.claim.item.listing;
  const { settledAtMs } = settlingTimes(job, intentMs);
  // Rule BOUND: a worker of the previous version writes a new intent without removing the progress of the old one.
  if (progress?.intent !== intentMs) return undefined;
  if ('none' in progress) return undefined;
  return progress.started_at >= settledAtMs || nowMs < settledAtMs ? progress : undefined;
}

async function searchForRoom(
  job: Job,
  intentMs: number,
  from: Pick<RoomSearch, 'sinceMs' | 'progress' | 'quick'>,
): Promise<SearchResult> {
  const { listings } = job.invocation;
  const readBefore = listings.pagesRead();
  let progress = from.progress;
  const search: RoomSearch = {
    ...searchTarget(job, intentMs),
    ...from,
    listings,
    saveProgress: (newProgress) => {
      progress = newProgress;
    },
    call: (api, send) => pacedCall(job, api, send),
  };
  try {
    return await findFromPlace(search);
  } catch (cause) {
    if (cause instanceof RefusedTokenError) progress = undefined;
    throw toPostponement(job, cause, listings.pagesRead() > readBefore ? progress : undefined);
  } finally {
    job.claim.noteOnRelease(progress ? { set: { listing: progress } } : { remove: ['listing'] });
  }
}

/** Rule REFUSED: if IVS Chat no longer accepts the token of the stored progress, a new listing starts. */
async function findFromPlace(search: RoomSearch): Promise<SearchResult> {
  try {
    return await findRoom(search);
  } catch (error) {
    if (!(error instanceof RefusedTokenError) || search.progress === undefined) throw error;
    return findRoom({ ...search, progress: undefined });
  }
}

function searchTarget(job: Job, intentMs: number) {
  const { claim, message, services } = job;
  const { request, region } = message;
  return {
    listed: { region, name: roomName(request.room, request.idempotencyKey) },
    claimTag: claimTag(claim.item),
    intentMs,
    notBeforeMs: intentMs - services.config.timing.clockErrorMs - PAGING_MARGIN_MS,
    settledAtMs: settlingTimes(job, intentMs).settledAtMs,
    lateMs: lateMs(services),
  };
}

/** `progress`: where the listing stopped; undefined if this invocation has read no page. */
function toPostponement({ services }: Job, cause: unknown, progress: ListingProgress | undefined): Postponement {
  const { clock, random } = services;
  const nowMs = clock.nowMs();
  const isInterrupted = cause instanceof Postponement && ['no-slot', 'deadline'].includes(cause.reason);
  // The longer the listing has taken, the longer it pauses. Without pauses, it could use all slots for minutes, and delay other requests.
  if (isInterrupted && progress)
    return new Postponement('listing', { endsAtMs: nowMs + shareOfAgeMs(nowMs - progress.started_at, random) });
  if (cause instanceof Postponement) return cause;
  return new Postponement('reconcile-failed', { cause });
}
