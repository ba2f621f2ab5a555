import type { Context, SQSBatchResponse } from 'aws-lambda';
import { readLiveEvent } from '../../contract/read-live-event.ts';
import { backoffMs } from '../../platform/backoff.ts';
import { type IncomingRecord, readRecords } from '../../provisioning/incoming-record.ts';
import { parkRecord } from '../../provisioning/park.ts';
import { postponeRecords } from '../../provisioning/postpone.ts';
import { withDeadline } from '../with-deadline.ts';
import { announceRefusal } from './announce.ts';
import { handleLiveEvent } from './handle-live-event.ts';
import type { LiveEventOutcome } from './live-event-outcome.ts';
import type { LiveEventServices } from './live-event-services.ts';

const BACKOFF = { baseMs: 2_000, capMs: 60_000 };

/**
 * Handles a batch of messages about live events, all at once, and tells SQS which are not done. What comes from the dead-letter queue
 * has crashed the function every time: it is announced and parked, and nothing else is done for it.
 */
export async function scheduleLiveEvents(
  event: unknown,
  context: Context,
  services: LiveEventServices,
): Promise<SQSBatchResponse> {
  const records = readRecords(event);
  const results = await withDeadline(context, services, (signal) =>
    Promise.all(records.map(async (record) => ({ record, outcome: await handle(record, services, signal) }))),
  );
  const postponed = results.flatMap(({ record, outcome }) =>
    outcome.kind === 'postponed' ? [{ record, untilMs: outcome.untilMs }] : [],
  );
  const ofOwnQueue = postponed.filter(({ record }) => !isDeadLetter(record, services));
  await postponeRecords(services.config.liveEventsQueue.url, ofOwnQueue, services);
  return { batchItemFailures: postponed.map(({ record }) => ({ itemIdentifier: record.messageId })) };
}

/** Never rejects: its neighbours in the batch would be delivered again for nothing. */
async function handle(
  record: IncomingRecord,
  services: LiveEventServices,
  signal: AbortSignal,
): Promise<LiveEventOutcome> {
  const receiveCount = record.attributes.ApproximateReceiveCount;
  const line = { messageId: record.messageId, receiveCount };
  try {
    const outcome = isDeadLetter(record, services)
      ? await announceDeadLetter(record, services)
      : await handleLiveEvent(record, services, signal);
    const isWhole = outcome.kind !== 'postponed' || outcome.cause === undefined;
    services.log[isWhole ? 'info' : 'error']('Live event message handled', {
      ...line,
      ...idOf(record, services),
      ...outcome,
    });
    return outcome;
  } catch (error) {
    services.log.error('A message about a live event could not be handled', {
      ...line,
      ...idOf(record, services),
      error: error instanceof Error ? error : String(error),
    });
    const untilMs = services.clock.nowMs() + backoffMs(receiveCount, BACKOFF, services.random);
    return { kind: 'postponed', reason: 'failed', untilMs, cause: error };
  }
}

function isDeadLetter({ eventSourceARN }: IncomingRecord, { config }: LiveEventServices): boolean {
  return eventSourceARN !== config.liveEventsQueue.arn;
}

async function announceDeadLetter(record: IncomingRecord, services: LiveEventServices): Promise<LiveEventOutcome> {
  const problems = [{ path: '', message: 'crashed its function every time, and waits in the parked queue' }];
  await announceRefusal({ ...idOf(record, services), problems, body: record.body }, services);
  await parkRecord(record, { kind: 'parked', reason: 'dead-lettered', detail: 'crashed its function' }, services);
  return { kind: 'parked', reason: 'dead-lettered' };
}

/** What can be read of an event's names; nothing else of a message is logged. */
function idOf({ body }: IncomingRecord, { config, clock }: LiveEventServices) {
  const defaults = { leadMs: config.defaultLeadMs, atRiskMs: config.defaultAtRiskMs, nowMs: clock.nowMs() };
  const read = readLiveEvent(body, defaults);
  if (read.kind === 'unparseable') return {};
  const { liveEventId, revision } = read.kind === 'scheduled' ? read.plan.event : read;
  return { liveEventId, ...(revision !== undefined && { revision }) };
}
