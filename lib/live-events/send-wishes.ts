import type * as z from 'zod/mini';
import { liveEventRoomKey, liveEventRosterId } from '../contract/live-event.ts';
import { RELEASE_COMMAND_TYPE, type releaseCommandSchema } from '../contract/release-command.ts';
import { sendAllMessages } from '../platform/send-messages.ts';
import { updateItem } from '../platform/tables.ts';
import { readMembers } from '../rosters/roster-members.ts';
import type { CancelledEvent, LiveEventItem, OpenedEvent, PendingEvent } from './live-event-item.ts';
import { liveEventKey } from './live-event-item.ts';
import type { LiveEventServices } from './live-event-services.ts';

/**
 * If an earlier revision has requested rooms, sends a release command for each room that the newest revision lists: with the new release
 * time, or "keep" if the newest revision has none. If the event is cancelled, the commands release its rooms now. If no earlier revision
 * has requested rooms, no commands are needed, because the requests contain the wish.
 *
 * After a crash, the same commands can be sent again, because their wishes are equal. A worker may still send requests of an older
 * revision, but the wishes of these requests are older.
 * @throws errors from DynamoDB and SQS
 */
export async function sendWishes(item: LiveEventItem, services: LiveEventServices, signal: AbortSignal): Promise<void> {
  if (!item.has_release) return;
  if (item.live_state === 'cancelled') await releaseNow(item, services, signal);
  else await moveRelease(item, services, signal);
}

/** Rooms that the newest revision no longer lists keep their wish. */
async function moveRelease(
  event: PendingEvent | OpenedEvent,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<void> {
  const { live_event_id: id, revision, release_at: releaseAtMs, wished_at: wishedAtMs = event.accepted_at } = event;
  const hasEarlier = [...event.opened_revisions].some((opened) => opened !== revision);
  if (!hasEarlier || event.wishes_sent_revision === revision) return;
  const wish = { releaseAt: releaseAtMs === undefined ? null : isoTime(releaseAtMs), wishedAt: isoTime(wishedAtMs) };
  const keys = event.rooms.map(({ key }) => liveEventRoomKey(id, key));
  await sendCommands(keys, wish, event, services, signal);
  await updateItem(services.clients.dynamodb, {
    tableName: services.config.rosterTable,
    key: liveEventKey(id),
    update: 'SET wishes_sent_revision = :revision',
    // If a newer revision was stored in the meantime, its commands must still be sent.
    condition: 'revision = :revision',
    values: { revision },
  });
}

/** Releases the rooms of a cancelled event: those that its last revision listed, and those that any revision has requested. */
async function releaseNow(event: CancelledEvent, services: LiveEventServices, signal: AbortSignal): Promise<void> {
  const { live_event_id: id, cancelled_at: cancelledAtMs, wished_at: wishedAtMs = 0 } = event;
  if (event.opened_revisions.size === 0 || event.release_sent_at !== undefined) return;
  const keys = new Set((event.rooms ?? []).map(({ key }) => liveEventRoomKey(id, key)));
  for (const revision of event.opened_revisions)
    for await (const member of readMembers(services.rosters, liveEventRosterId(id, revision)))
      keys.add(member.idempotency_key);
  const wish = { wishedAt: isoTime(Math.max(cancelledAtMs, wishedAtMs + 1)) };
  await sendCommands(keys, wish, event, services, signal);
  await updateItem(services.clients.dynamodb, {
    tableName: services.config.rosterTable,
    key: liveEventKey(id),
    update: 'SET release_sent_at = :now',
    condition: 'attribute_exists(pk)',
    values: { now: services.clock.nowMs() },
  });
}

async function sendCommands(
  keys: Iterable<string>,
  wish: { releaseAt?: string | null; wishedAt: string },
  { tenant, correlation_id: correlationId }: LiveEventItem,
  { clients, config, clock, random }: LiveEventServices,
  signal: AbortSignal,
): Promise<void> {
  const messages = [...keys].map((idempotencyKey) => {
    const command: z.input<typeof releaseCommandSchema> = {
      idempotencyKey,
      ...wish,
      ...(correlationId !== undefined && { correlationId }),
    };
    return { tenant, body: JSON.stringify({ type: RELEASE_COMMAND_TYPE, ...command }) };
  });
  const settings = { sqs: clients.sqs, queueUrl: config.interactiveQueueUrl, clock, random, signal };
  await sendAllMessages(messages, settings);
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
