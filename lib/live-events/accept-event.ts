import { liveEventMeaning } from '../contract/live-event-meaning.ts';
import type { LiveEventPlan } from '../contract/live-event-message.ts';
import { updateItem } from '../platform/tables.ts';
import { setAttributes } from '../platform/update-expression.ts';
import { expiresAt } from '../rosters/roster-table.ts';
import {
  type CancelledEvent,
  LIVE_EVENT_SCHEMA_VERSION,
  type LiveEventItem,
  liveEventKey,
  type OpenedEvent,
  type PendingEvent,
  parseLiveEventItem,
} from './live-event-item.ts';
import type { LiveEventServices } from './live-event-services.ts';
import { outstandingByRegion } from './rooms-found.ts';
import { checkAtMs, isSameRevision } from './same-revision.ts';

export type Acceptance =
  /** The revision is now the event's current one, or already was, if the message is a duplicate. */
  | { kind: 'accepted'; item: PendingEvent | OpenedEvent }
  | { kind: 'older'; revision: number }
  /** The event's current revision has the same number but different content. */
  | { kind: 'revision-reused'; storedAtMs: number }
  | { kind: 'cancelled'; item: CancelledEvent };

/**
 * Accepts a revision of an event, unless a newer one was accepted or the event is cancelled.
 * @param sentAtMs when the revision was sent
 * @throws TableUnavailableError
 */
export async function acceptRevision(
  plan: LiveEventPlan,
  sentAtMs: number,
  services: LiveEventServices,
): Promise<Acceptance> {
  const stored = await storeRevision(plan, sentAtMs, services);
  const acceptance = judge(plan, stored, services);
  return acceptance.kind === 'accepted'
    ? { ...acceptance, item: await countMissing(acceptance.item, services) }
    : acceptance;
}

const MAX_ROUNDS = 5;

/**
 * Writes a revision to the event's item, unless the item has a newer one. Its wish must count as later than the wishes of all earlier
 * revisions, even if the clocks of the senders differ. The condition of the write therefore contains the time of the stored wish.
 * @returns the item after the attempt
 */
async function storeRevision(
  plan: LiveEventPlan,
  sentAtMs: number,
  services: LiveEventServices,
): Promise<LiveEventItem> {
  const { clients, config } = services;
  const { liveEventId, revision } = plan.event;
  let seenMs: number | undefined;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const wishedAtMs = seenMs === undefined ? sentAtMs : Math.max(sentAtMs, seenMs + 1);
    const { update, values } = setAttributes({ ...attributesOf(plan, services), wished_at: wishedAtMs });
    const isLatest =
      seenMs === undefined
        ? '(attribute_not_exists(#wished_at) OR #wished_at < :wished_at)'
        : '#wished_at = :seen_wished_at';
    const { written, attributes: stored } = await updateItem(clients.dynamodb, {
      tableName: config.rosterTable,
      key: liveEventKey(liveEventId),
      update: `${update} REMOVE ${removedFor(plan).join(', ')}`,
      condition: `attribute_not_exists(pk) OR (#live_state <> :cancelled AND #revision < :revision AND ${isLatest})`,
      values: { ...values, cancelled: 'cancelled', ...(seenMs !== undefined && { seen_wished_at: seenMs }) },
    });
    if (!stored) throw new Error(`The live event ${liveEventId} does not exist and could not be created`);
    const item = parseLiveEventItem(stored);
    if (written || item.live_state === 'cancelled' || item.revision >= revision) return item;
    seenMs = item.wished_at;
  }
  throw new Error(`The live event ${liveEventId} changed before each of ${MAX_ROUNDS} writes`);
}

function attributesOf(plan: LiveEventPlan, { config, clock, rosters }: LiveEventServices) {
  const { tenant, liveEventId, revision, correlationId, metadata, rooms } = plan.event;
  const nowMs = clock.nowMs();
  return {
    schema_version: LIVE_EVENT_SCHEMA_VERSION,
    live_event_id: liveEventId,
    tenant,
    correlation_id: correlationId,
    metadata: metadata && JSON.stringify(metadata),
    live_state: 'pending',
    revision,
    hash: plan.hash,
    meaning: liveEventMeaning(plan, config.defaultRegion),
    accepted_at: nowMs,
    starts_at: plan.startsAtMs,
    opens_at: plan.opensAtMs,
    check_at: checkAtMs(plan, nowMs),
    expected_at: Math.max(plan.opensAtMs, nowMs),
    ends_at: plan.endsAtMs,
    release_at: plan.releaseAtMs,
    has_release: plan.releaseAtMs === undefined ? undefined : true,
    rooms: JSON.stringify(rooms),
    rooms_total: rooms.length,
    rooms_by_region: countsByRegion(rooms.map(({ region = config.defaultRegion }) => region)),
    expires_at: expiresAt(Math.max(plan.startsAtMs, plan.releaseAtMs ?? 0), rosters),
  };
}

/** The attributes of an earlier revision that do not apply to this one. */
function removedFor({ event: { correlationId, metadata }, endsAtMs, releaseAtMs }: LiveEventPlan): string[] {
  return [
    'opened_at',
    'ready_by',
    'sent_at',
    ...(correlationId === undefined ? ['correlation_id'] : []),
    ...(metadata === undefined ? ['metadata'] : []),
    ...(endsAtMs === undefined ? ['ends_at'] : []),
    ...(releaseAtMs === undefined ? ['release_at'] : []),
  ];
}

/**
 * If an event has requested rooms before, it needs only those rooms that neither exist nor are under way. Their number is stored, so that
 * other events do not wait for rooms that the event already has. If storing fails, other events wait as if this event needed all of its
 * rooms, until a worker computes the number again (`takeTurn`).
 */
async function countMissing<Event extends PendingEvent | OpenedEvent>(
  event: Event,
  services: LiveEventServices,
): Promise<Event> {
  if (event.live_state !== 'pending' || event.opened_revisions.size === 0) return event;
  const { toRequest: rooms_by_region } = await outstandingByRegion(event, services.config.defaultRegion, services);
  try {
    await updateItem(services.clients.dynamodb, {
      tableName: services.config.rosterTable,
      key: liveEventKey(event.live_event_id),
      update: 'SET rooms_by_region = :rooms',
      condition: 'live_state = :pending AND revision = :revision',
      values: { rooms: rooms_by_region, pending: 'pending', revision: event.revision },
    });
  } catch (error) {
    const { live_event_id: liveEventId, revision } = event;
    const detail = { liveEventId, revision, error: error instanceof Error ? error : String(error) };
    services.log.error(
      'The number of rooms that a live event needs could not be stored; other events wait for all of its rooms',
      detail,
    );
  }
  return { ...event, rooms_by_region };
}

/** Decides whether a revision is accepted, from the item that is stored after the attempt to write it. */
export function judge(
  plan: LiveEventPlan,
  item: LiveEventItem,
  { config }: Pick<LiveEventServices, 'config'>,
): Acceptance {
  const { event } = plan;
  if (item.live_state === 'cancelled') return { kind: 'cancelled', item };
  if (item.revision > event.revision) return { kind: 'older', revision: item.revision };
  return isSameRevision(plan, item, config.defaultRegion)
    ? { kind: 'accepted', item }
    : { kind: 'revision-reused', storedAtMs: item.accepted_at };
}

/** Cancels an event permanently. The event may be unknown, because the message that schedules it may arrive later. */
export async function cancelEvent(
  { liveEventId, revision, tenant }: { liveEventId: string; revision: number; tenant: string },
  { clients, config, clock, rosters }: LiveEventServices,
): Promise<CancelledEvent> {
  const nowMs = clock.nowMs();
  const known = {
    schema_version: LIVE_EVENT_SCHEMA_VERSION,
    live_event_id: liveEventId,
    tenant,
    revision,
    cancelled_at: nowMs,
    cancelled_revision: revision,
    expires_at: expiresAt(nowMs, rosters),
  };
  const kept = Object.keys(known).map((name) => `#${name} = if_not_exists(#${name}, :${name})`);
  const { attributes } = await updateItem(clients.dynamodb, {
    tableName: config.rosterTable,
    key: liveEventKey(liveEventId),
    update: `SET #live_state = :live_state, ${kept.join(', ')}`,
    values: { ...known, live_state: 'cancelled' },
  });
  const item = attributes && parseLiveEventItem(attributes);
  if (item?.live_state !== 'cancelled') throw new Error(`The live event ${liveEventId} could not be cancelled`);
  return item;
}

function countsByRegion(regions: string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(regions, (region) => region)].map(([region, all]) => [region, all.length]));
}
