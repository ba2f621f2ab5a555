import type * as z from 'zod/mini';
import { liveEventRoomKey, liveEventRosterId } from '../contract/live-event.ts';
import type { roomRequestSchema } from '../contract/room-request.ts';
import { sendAllMessages } from '../platform/send-messages.ts';
import { updateItem } from '../platform/tables.ts';
import { writeMembers } from '../rosters/roster-members.ts';
import { createRoster, sealRoster } from '../rosters/roster-states.ts';
import { rosterNameOf } from './announce.ts';
import { liveEventKey, type OpenedEvent } from './live-event-item.ts';
import type { LiveEventServices } from './live-event-services.ts';

/** How long after the start rooms are still wanted, because a late room is useful during the event. */
export const WANTED_AFTER_START_MS = 60 * 60 * 1000;

/**
 * Requests all rooms of an opened event. It first writes the roster with all members, and then sends the requests. The function can be
 * repeated after a failure at any point: the members stay the same, and no second room is created for requests with the same keys.
 * @throws errors from DynamoDB and SQS
 */
export async function requestRooms(
  event: OpenedEvent,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<void> {
  const { rosters, config, clock } = services;
  const id = liveEventRosterId(event.live_event_id, event.revision);
  const liveEvent = rosterNameOf(event);
  await createRoster(rosters, { id, kind: 'live-event', liveEvent }, clock.nowMs());
  const members = event.rooms.map(({ key, room, region = config.defaultRegion }) => ({
    idempotencyKey: liveEventRoomKey(event.live_event_id, key),
    region,
    ...(room.name && { roomName: room.name }),
  }));
  await writeMembers(rosters, id, members, clock.nowMs(), { ...services, signal });
  await sealRoster(rosters, id, { revision: event.revision, liveEvent });
  await sendRequests(event, id, services, signal);
  await markSent(event, services);
}

async function sendRequests(
  event: OpenedEvent,
  rosterId: string,
  { clients, config, clock, random }: LiveEventServices,
  signal: AbortSignal,
): Promise<void> {
  const messages = event.rooms.map((room) => ({
    tenant: event.tenant,
    region: room.region ?? config.defaultRegion,
    body: JSON.stringify(requestOf(room, event, rosterId)),
  }));
  const settings = { sqs: clients.sqs, queueUrl: config.interactiveQueueUrl, clock, random, signal };
  await sendAllMessages(messages, settings);
}

function requestOf(
  { key, room, region }: OpenedEvent['rooms'][number],
  event: OpenedEvent,
  rosterId: string,
): z.input<typeof roomRequestSchema> {
  return {
    idempotencyKey: liveEventRoomKey(event.live_event_id, key),
    room,
    ...(region !== undefined && { region }),
    tenant: event.tenant,
    ...(event.correlation_id !== undefined && { correlationId: event.correlation_id }),
    ...(event.metadata !== undefined && { metadata: event.metadata }),
    neededBy: new Date(event.starts_at + WANTED_AFTER_START_MS).toISOString(),
    ...(event.release_at !== undefined && {
      releaseAt: new Date(event.release_at).toISOString(),
      releaseWishedAt: new Date(event.wished_at ?? event.accepted_at).toISOString(),
    }),
    roster: rosterId,
  };
}

async function markSent(event: OpenedEvent, { clients, config, clock }: LiveEventServices): Promise<void> {
  const { revision } = event;
  const item = { tableName: config.rosterTable, key: liveEventKey(event.live_event_id) };
  const revisions = new Set([revision]);
  const { written: isNewest } = await updateItem(clients.dynamodb, {
    ...item,
    update: 'SET sent_at = :now ADD sent_revisions :revisions',
    condition: 'live_state = :opened AND revision = :revision',
    values: { now: clock.nowMs(), opened: 'opened', revision, revisions },
  });
  if (isNewest) return;
  // A newer revision or a cancellation has replaced this revision, but the rooms of this revision are under way.
  await updateItem(clients.dynamodb, {
    ...item,
    update: 'ADD sent_revisions :revisions',
    condition: 'attribute_exists(pk)',
    values: { revisions },
  });
}
