import { BatchWriteItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Deployment } from '../../../client/deployment.ts';
import { LIVE_EVENT_SCHEMA_VERSION, liveEventKey } from '../../../lib/live-events/live-event-item.ts';
import { MINUTE_MS } from '../programme.ts';

const BATCH = 25;

/**
 * Writes the items of waiting events, `show-0000` and so on, within ten hours, as greenroom does when it accepts events. Sending so many
 * messages would take longer than the test.
 */
export async function putWaitingEvents({ dynamodb, rosterTable }: Deployment, count: number, fromMs: number) {
  const items = Array.from({ length: count }, (_, index) => waitingEvent(index, fromMs + index * 0.6 * MINUTE_MS));
  for (let start = 0; start < count; start += BATCH) {
    const puts = items.slice(start, start + BATCH).map((Item) => ({ PutRequest: { Item } }));
    await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [rosterTable]: puts } }));
  }
}

function waitingEvent(index: number, startsAtMs: number) {
  const liveEventId = `show-${String(index).padStart(4, '0')}`;
  const rooms = [{ key: 'main', room: {} }];
  const item = {
    ...{ schema_version: LIVE_EVENT_SCHEMA_VERSION, live_event_id: liveEventId, tenant: 'default', revision: 1 },
    ...{ live_state: 'pending', hash: 'none', accepted_at: Date.now(), starts_at: startsAtMs },
    ...{ opens_at: startsAtMs - 30 * MINUTE_MS, check_at: startsAtMs - 10 * MINUTE_MS },
    ...{ rooms: JSON.stringify(rooms), rooms_total: 1, rooms_by_region: { 'eu-west-1': 1 } },
  };
  return { ...liveEventKey(liveEventId), ...marshall(item) };
}
