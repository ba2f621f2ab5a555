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
  /** The event's current revision has the same number but other content. */
  | { kind: 'revision-reused'; storedAtMs: number }
  | { kind: 'cancelled'; item: CancelledEvent };

/** Accepts a revision of an event, unless a newer one was accepted or the event is cancelled. @throws TableUnavailableError */
export async function acceptRevision(plan: LiveEventPlan, services: LiveEventServices): Promise<Acceptance> {
  const { clients, config, clock } = services;
  const { tenant, liveEventId, revision, correlationId, metadata, rooms } = plan.event;
  const nowMs = clock.nowMs();
  const attributes = {
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
    rooms: JSON.stringify(rooms),
    rooms_total: rooms.length,
    rooms_by_region: countsByRegion(rooms.map(({ region = config.defaultRegion }) => region)),
    expires_at: expiresAt(plan.startsAtMs, services.rosters),
  };
  const { update, values } = setAttributes(attributes);
  const { attributes: stored } = await updateItem(clients.dynamodb, {
    tableName: config.rosterTable,
    key: liveEventKey(liveEventId),
    update: `${update} REMOVE ${removedFor(plan.event).join(', ')}`,
    condition: 'attribute_not_exists(pk) OR (#live_state <> :cancelled AND #revision < :revision)',
    values: { ...values, cancelled: 'cancelled' },
  });
  if (!stored) throw new Error(`The live event ${liveEventId} does not exist and could not be created`);
  const acceptance = judge(plan, parseLiveEventItem(stored), services);
  return acceptance.kind === 'accepted'
    ? { ...acceptance, item: await countMissing(acceptance.item, services) }
    : acceptance;
}

/** The attributes of an earlier revision that do not apply to this one. */
function removedFor({ correlationId, metadata }: LiveEventPlan['event']): string[] {
  return [
    'opened_at',
    'ready_by',
    'sent_at',
    ...(correlationId === undefined ? ['correlation_id'] : []),
    ...(metadata === undefined ? ['metadata'] : []),
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
