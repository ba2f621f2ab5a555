import { ledgerKey } from '../contract/keys.ts';
import type { ReadInvalidRelease, ReadRelease } from '../contract/read-release.ts';
import { regionNamed } from '../contract/regions.ts';
import { type ReleaseEvent, releaseFailedEvent, releaseScheduledEvent } from '../contract/release-event.ts';
import { DamagedItemError, isClaimed, type StoredItem } from '../ledger/ledger-item.ts';
import { storeWish, type WishResult } from '../ledger/store-wish.ts';
import { wishOf } from '../ledger/wish.ts';
import { TableUnavailableError } from '../platform/tables.ts';
import type { Outcome } from './outcome.ts';
import { Postponement } from './postponement.ts';
import { publishReleaseEvent } from './publish-completion.ts';
import { releaseTimesOf, type Services } from './services.ts';

/**
 * Stores the wish of a release command, then publishes the answer. The message is acknowledged last. A command that greenroom has answered with
 * `release-scheduled` is therefore never lost.
 * @throws Postponement if the wish cannot be stored or the answer cannot be published now
 */
export async function answerRelease(read: ReadRelease, services: Services): Promise<Outcome> {
  const { clock, config } = services;
  try {
    const result = await store(read, services);
    const event = answerTo(result, read, { stage: config.stage, nowMs: clock.nowMs() });
    await publishReleaseEvent(services, event, read);
    return { kind: 'answered', how: HOW[result.kind], completionId: event.id };
  } catch (error) {
    if (error instanceof DamagedItemError) return { kind: 'parked', reason: 'damaged-item', detail: error.message };
    if (error instanceof TableUnavailableError) throw new Postponement('ledger-unavailable', { cause: error.cause });
    throw error;
  }
}

/** Announces that a release command is invalid or too old. Only for commands whose key can be read. */
export async function refuseRelease(read: ReadInvalidRelease, services: Services): Promise<Outcome> {
  const { clock, config } = services;
  const event = releaseFailedEvent({ ...read, stage: config.stage, nowMs: clock.nowMs() });
  await publishReleaseEvent(services, event, read);
  return { kind: 'answered', how: 'release-failed', completionId: event.id };
}

async function store({ idempotencyKey, wish, tenant }: ReadRelease, services: Services): Promise<Answered> {
  const forKey = {
    ledgerKey: ledgerKey(idempotencyKey),
    idempotencyKey,
    wish,
    graceMs: services.config.releaseGraceMs,
    tenant,
  };
  const result = await storeWish(services.ledger, forKey, () => releaseTimesOf(services));
  if (result === undefined) throw new Postponement('busy');
  if (result.kind === 'not-mine')
    throw new Error(
      `Storing a wish returned 'not-mine', although a release command has no payload that could belong to another request`,
    );
  return result;
}

type Answered = Exclude<WishResult, { kind: 'not-mine' }>;

const HOW = {
  stored: 'release-scheduled',
  superseded: 'release-superseded',
  'too-late': 'release-failed',
  outdated: 'release-failed',
  'other-tenant': 'release-failed',
} as const;

function answerTo(
  { kind, item }: Answered,
  { idempotencyKey, wish, tenant }: ReadRelease,
  { stage, nowMs }: { stage: string; nowMs: number },
): ReleaseEvent {
  const facts = {
    stage,
    idempotencyKey,
    wish,
    nowMs,
    tenant: isClaimed(item) ? item.tenant : tenant,
    region: isClaimed(item) ? regionNamed(item.region) : undefined,
  };
  if (kind !== 'stored' && kind !== 'superseded') return releaseFailedEvent({ ...facts, reason: kind });
  const standing = wishOf(item);
  if (standing === undefined)
    throw new Error('The stored item has no wish, although one was just stored or was already there');
  return releaseScheduledEvent({
    ...facts,
    superseded: kind === 'superseded',
    standing: { wish: standing, notBeforeMs: standing.dueAtMs },
    state: stateOf(item),
  });
}

/** The state of the key, as the answer to a release command names it. */
function stateOf(item: StoredItem) {
  if (!isClaimed(item)) return 'unknown';
  if (item.decision === 'failed') return 'failed';
  if (item.decision === undefined || item.status === 'INPROGRESS') return 'being-made';
  return item.release_marked_at === undefined ? 'made' : 'released';
}
