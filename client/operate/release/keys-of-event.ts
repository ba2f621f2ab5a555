import { liveEventRoomKey } from '../../../lib/contract/live-event.ts';
import { regionNamed } from '../../../lib/contract/regions.ts';
import { readLiveEventItem } from '../../../lib/live-events/read-live-event-item.ts';
import type { Deployment } from '../../deployment.ts';
import { typed } from '../../typed-command.ts';
import { UserError } from '../../user-error.ts';
import { readEventRooms } from '../live-event-rooms.ts';
import type { NamedKey } from './room-release.ts';

/**
 * The keys of a live event: those of its last revision, and those that earlier revisions requested.
 * @throws UserError if no revision of the event was accepted; errors from DynamoDB
 */
export async function* keysOfEvent(deployment: Deployment, liveEventId: string): AsyncGenerator<NamedKey> {
  const { dynamodb, rosterTable: tableName, stage } = deployment;
  const table = { dynamodb, tableName };
  const event = await readLiveEventItem(liveEventId, { rosters: table });
  if (event === undefined)
    throw new UserError(`There is no live event ${liveEventId} in stage ${stage}: see ${typed('events')}`);
  for (const { key, region } of await readEventRooms(event, table))
    yield { key: liveEventRoomKey(liveEventId, key), region: regionNamed(region) };
}
