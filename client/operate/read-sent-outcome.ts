import { readLiveEventItem } from '../../lib/live-events/read-live-event-item.ts';
import type { Deployment } from '../deployment.ts';
import { readRefusedRevision } from './live-event-detail.ts';
import { judgeSent, type SentLiveEvent, type SentOutcome } from './sent-live-event.ts';

/**
 * Reads the outcome of a message about a live event.
 * @param refusedBefore the time of the last refusal that was noted before the message was sent. That refusal does not count
 * @param isReplaced whether a later message about the event was sent with this one
 * @returns undefined if the message may not have been handled yet
 * @throws DynamoDB's error; DamagedRosterError
 */
export async function readSentOutcome(
  sent: SentLiveEvent,
  { refusedBefore, isReplaced }: { refusedBefore: number | undefined; isReplaced: boolean },
  { dynamodb, rosterTable: tableName, defaultRegion }: Pick<Deployment, 'dynamodb' | 'rosterTable' | 'defaultRegion'>,
): Promise<SentOutcome | undefined> {
  const table = { dynamodb, tableName };
  // The refusal is read after the item. If it was noted in between, the item shows an older state, so the refusal counts.
  const item = await readLiveEventItem(sent.liveEventId, { rosters: table });
  const refused = await readRefusedRevision(sent.liveEventId, table);
  return judgeSent(sent, { item, refused }, { refusedBefore, isReplaced, region: defaultRegion() });
}
