import { cancelEvent, scheduleEvent } from '../../client/api/live-events.ts';
import type { Deployment } from '../../client/deployment.ts';
import { checkLiveEventLine } from '../../client/live-event-lines.ts';
import { readRefusedRevision } from '../../client/operate/live-event-detail.ts';
import { moveLiveEvent, type NewTimes } from '../../client/operate/move-live-event.ts';
import { UserError } from '../../client/user-error.ts';
import type { LiveEventItem } from '../../lib/live-events/live-event-item.ts';
import { readLiveEventItem } from '../../lib/live-events/read-live-event-item.ts';
import type { Clock } from '../../lib/platform/clock.ts';
import type { CancelAnswer, MoveAnswer } from '../api/events.ts';
import { programStage } from './program-stage.ts';
import type { SentEventChanges } from './sent-event-changes.ts';

/** The event as the user saw it. If the event has changed since then, a change is refused. */
export interface SeenEvent {
  liveEventId: string;
  revision: number;
}

interface Changing {
  deployment: Deployment;
  clock: Clock;
  sentChanges: SentEventChanges;
}

/** Builds the next revision of an event with other times, checks it as greenroom does and, if `send` is set, sends it. */
export async function moveEvent(
  { send, startsAtMs, endsAtMs, ...seen }: SeenEvent & NewTimes & { send: boolean },
  { deployment, clock, sentChanges }: Changing,
): Promise<MoveAnswer> {
  const item = await readSeen(seen, deployment);
  const region = deployment.defaultRegion();
  const { event, keepsCheck } = moveLiveEvent(item, { startsAtMs, endsAtMs }, region);
  const written = { number: 1, name: 'the event', body: JSON.stringify(event) };
  const line = checkLiveEventLine(written, { region, nowMs: clock.nowMs() });
  if (line.kind === 'unusable') return { kind: 'invalid', problems: line.problems };
  if (line.kind === 'cancelled') throw new Error('The move of an event is a cancellation');
  const { plan, revision, liveEventId } = line;
  const { event: _, hash: __, ...times } = plan;
  if (!send) return { kind: 'checked', revision, times, keepsCheck };
  const refusedBefore = await refusalBefore(liveEventId, deployment);
  const result = await scheduleEvent(programStage(deployment, clock), event);
  if (result.kind === 'invalid') return { kind: 'invalid', problems: result.problems };
  if (result.kind === 'not-sent') throw new UserError(`The event was not moved: ${result.problem}`);
  const message = { kind: 'scheduled', liveEventId, revision, plan } as const;
  return { kind: 'sent', number: sentChanges.note({ message, refusedBefore, sentAtMs: clock.nowMs() }) };
}

/** Cancels an event. */
export async function cancelSeenEvent(
  seen: SeenEvent,
  { deployment, clock, sentChanges }: Changing,
): Promise<CancelAnswer> {
  await readSeen(seen, deployment);
  const { liveEventId } = seen;
  const refusedBefore = await refusalBefore(liveEventId, deployment);
  const result = await cancelEvent(programStage(deployment, clock), liveEventId);
  if (result.kind !== 'sent') throw new UserError(`${liveEventId} was not cancelled: ${result.kind}`);
  const { revision } = result;
  const message = { kind: 'cancelled', liveEventId, revision } as const;
  return { kind: 'sent', number: sentChanges.note({ message, refusedBefore, sentAtMs: clock.nowMs() }) };
}

type Planned = Exclude<LiveEventItem, { live_state: 'cancelled' }>;

/** @throws UserError if there is no such event, or if the event has changed since the user saw it */
async function readSeen({ liveEventId, revision }: SeenEvent, deployment: Deployment): Promise<Planned> {
  const { dynamodb, rosterTable: tableName, stage } = deployment;
  const item = await readLiveEventItem(liveEventId, { rosters: { dynamodb, tableName } });
  if (item === undefined) throw new UserError(`There is no live event ${liveEventId} in stage ${stage}`);
  if (item.live_state === 'cancelled') throw new UserError(`${liveEventId} is cancelled, and stays cancelled`);
  if (item.revision !== revision)
    throw new UserError(`${liveEventId} now has revision ${item.revision}: look at it again before you change it`);
  return item;
}

async function refusalBefore(
  liveEventId: string,
  { dynamodb, rosterTable: tableName }: Deployment,
): Promise<number | undefined> {
  return (await readRefusedRevision(liveEventId, { dynamodb, tableName }))?.refused_at;
}
