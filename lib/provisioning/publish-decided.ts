import { releasedEventSchema } from '../contract/release-event.ts';
import { isAnswerTo } from '../ledger/judge-item.ts';
import type { DecidedItem, RoomItem } from '../ledger/ledger-item.ts';
import type { RequestMessage } from './job.ts';
import { publishCompletion, publishReleaseEvent } from './publish-completion.ts';
import type { Services } from './services.ts';

const SECOND_MS = 1_000;

/**
 * Publishes the completion of a decided item. If the worker finishes the item only in order to claim the key again, the completion does not
 * answer the message, and its attributes contain only the message's lane. If they contained the roster, the roster would count a failure
 * for a member that gets its room a moment later.
 * @throws Postponement if SNS does not accept the completion; the signal's reason if it is aborted before a failure may be published
 */
export async function publishDecided(
  item: DecidedItem,
  message: RequestMessage,
  services: Services,
  signal: AbortSignal,
): Promise<void> {
  if (item.decision === 'failed') await untilNextSecond(item.decided_at, services, signal);
  await publishCompletion(services, item.completion, isAnswerTo(item, message) ? message : { lane: message.lane });
}

/**
 * Publishes the `released` event of a room that was released, after the completion that names the room. The event is the one that the mark
 * composed (rule BODY).
 */
export async function publishReleasedAgain(
  { released_at: releasedAtMs, released_event: event }: RoomItem,
  services: Services,
): Promise<void> {
  if (releasedAtMs === undefined || event === undefined) return;
  await publishReleaseEvent(services, releasedEventSchema.parse(JSON.parse(event)));
}

/**
 * EventBridge's `time` has whole seconds. A corrected request that is sent in the same second as the failure would seem older than the
 * failure. It could not claim the key again (rule FREE), and would be answered `key-reused`. A failure is therefore published only once
 * the next second has begun.
 */
async function untilNextSecond(
  decidedAtMs: number,
  { clock }: Pick<Services, 'clock'>,
  signal: AbortSignal,
): Promise<void> {
  const nextSecondMs = (Math.floor(decidedAtMs / SECOND_MS) + 1) * SECOND_MS;
  const waitMs = nextSecondMs - clock.nowMs();
  if (waitMs > 0) await clock.sleep(waitMs, signal);
}
