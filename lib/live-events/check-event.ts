import { announceRisk, noteRevision } from './announce.ts';
import type { OpenedEvent, PendingEvent } from './live-event-item.ts';
import type { LiveEventServices } from './live-event-services.ts';
import { missingRooms } from './missing-rooms.ts';

/**
 * Announces that the event is at risk, unless all of its rooms exist. A room whose state cannot be read counts as missing.
 * @returns the number of missing rooms
 * @throws errors from SNS and DynamoDB, so that the check is repeated
 */
export async function checkEvent(event: PendingEvent | OpenedEvent, services: LiveEventServices): Promise<number> {
  const missing = await missingRooms(event, services);
  if (missing.length > 0) await announceRisk(event, { cause: 'check', missing }, services);
  await noteRevision(event, 'checked_revision', services);
  return missing.length;
}
