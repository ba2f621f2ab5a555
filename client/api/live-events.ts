import { readLiveEventItem } from '../../lib/live-events/read-live-event-item.ts';
import { checkLiveEventLine } from '../live-event-lines.ts';
import { sendCancellation } from '../operate/cancel-live-event.ts';
import { type CallOptions, signalOf } from './call-options.ts';
import type { CancelResult, LiveEventInput, ScheduleResult } from './live-event-result.ts';
import { messageBody } from './message-body.ts';
import { type Ready, type Refused, sendChecked } from './send-checked.ts';
import type { ProgramStage } from './stage.ts';

interface ReadyEvent extends Ready {
  liveEventId: string;
  revision: number;
}

interface RefusedEvent extends Refused {
  liveEventId?: string;
}

/** Checks a live event as greenroom does, and sends it. A higher revision replaces a lower one. @throws the SDK's error */
export async function scheduleEvent(
  stage: ProgramStage,
  event: LiveEventInput,
  options: CallOptions = {},
): Promise<ScheduleResult> {
  const sending = { queue: 'live-events', signal: signalOf(options) } as const;
  const [attempt] = await sendChecked<ReadyEvent, RefusedEvent>(stage, [checkEvent(stage, event)], sending);
  if (attempt === undefined) throw new Error('The event has no result');
  if (attempt.kind === 'invalid') return attempt;
  const { liveEventId, revision } = attempt.message;
  if (attempt.kind === 'sent') return { kind: 'sent', liveEventId, revision };
  return { kind: 'not-sent', liveEventId, revision, problem: attempt.problem };
}

function checkEvent({ region, tenant, time }: ProgramStage, event: LiveEventInput): ReadyEvent | RefusedEvent {
  const written = messageBody(event, tenant);
  if (written.kind === 'invalid') return written;
  const { body } = written;
  const line = checkLiveEventLine({ number: 1, name: 'the event', body }, { region: region(), nowMs: time.nowMs() });
  switch (line.kind) {
    case 'scheduled': {
      const { liveEventId, revision, tenant: owner } = line;
      return { kind: 'ready', body, tenant: owner, liveEventId, revision };
    }
    case 'cancelled':
      return { kind: 'invalid', problems: [{ path: 'type', message: 'is a cancellation: use cancel() instead' }] };
    case 'unusable': {
      const { liveEventId, problems } = line;
      return { kind: 'invalid', ...(liveEventId !== undefined && { liveEventId }), problems };
    }
  }
}

/**
 * Reads a live event and sends its cancellation, with the next revision. A cancellation cannot be undone.
 * @throws the SDK's error; DamagedRosterError if the item of the event cannot be read
 */
export async function cancelEvent(
  { deployment, tenant }: ProgramStage,
  liveEventId: string,
  { signal }: CallOptions = {},
): Promise<CancelResult> {
  const { dynamodb, rosterTable } = deployment;
  signal?.throwIfAborted();
  const event = await readLiveEventItem(liveEventId, { rosters: { dynamodb, tableName: rosterTable } });
  if (event === undefined) return { kind: 'unknown-event', liveEventId };
  const { tenant: owner } = event;
  if (tenant !== undefined && owner !== tenant) return { kind: 'other-tenant', liveEventId };
  if (event.live_state === 'cancelled') {
    const cancelledAt = new Date(event.cancelled_at).toISOString();
    return { kind: 'already-cancelled', liveEventId, cancelledAt };
  }
  const revision = event.revision + 1;
  await sendCancellation({ liveEventId, revision, tenant: owner }, deployment, signal);
  return { kind: 'sent', liveEventId, revision };
}
