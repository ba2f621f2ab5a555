import type { Context, SQSBatchResponse } from 'aws-lambda';
import { type Completion, completionSchema } from '../contract/completion.ts';
import { parseJson } from '../contract/parse-json.ts';
import { withDeadline } from '../platform/deadline.ts';
import { type IncomingRecord, oldestAgeMs, readRecords } from '../platform/incoming-record.ts';
import { parkRecord } from '../platform/park.ts';
import { prepareForCrash } from '../platform/repeated-messages.ts';
import { PARKED_AFTER_MS } from '../platform/retention.ts';
import { type Unfinished, waitOrPark } from '../platform/wait-or-park.ts';
import { countOutcomes } from './count-outcomes.ts';
import { finishIfCounted } from './finish-roster.ts';
import { rosterCheckSchema } from './roster-check.ts';
import { readRoster } from './roster-states.ts';
import type { TrackingServices } from './tracking-services.ts';

/** One message: a completion of a member, or a request to check whether the roster is complete. */
interface Tracked {
  record: IncomingRecord;
  rosterId: string;
  completion?: Completion;
}

/**
 * Counts the completions of roster members, and finishes the rosters that are complete. All messages of a roster are counted together. If
 * one roster cannot be handled, only its messages are delivered again.
 */
export async function trackRosters(
  event: unknown,
  context: Context,
  services: TrackingServices,
): Promise<SQSBatchResponse> {
  const records = readRecords(event);
  services.meter.noteOldest('rosters', oldestAgeMs(records, services.clock.nowMs()));
  try {
    await prepareForCrash(records, services.config.rosterQueueUrl, context, services);
    const unfinished = await withDeadline(context, services, (signal) => trackAll(records, services, signal));
    const queue = { url: services.config.rosterQueueUrl, parkedAfterMs: PARKED_AFTER_MS.rosters };
    const notDone = await waitOrPark(unfinished, queue, services);
    return { batchItemFailures: notDone.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  } finally {
    services.meter.publish();
  }
}

async function trackAll(
  records: IncomingRecord[],
  services: TrackingServices,
  signal: AbortSignal,
): Promise<Unfinished[]> {
  const { tracked, unreadable } = readAll(records);
  const undone = await parkAll(unreadable, services);
  for (const messages of Map.groupBy(tracked, ({ rosterId }) => rosterId).values())
    undone.push(...(await trackRoster(messages, services, signal)));
  return undone;
}

/** @returns the messages of one roster if they could not be handled; otherwise nothing */
async function trackRoster(
  messages: Tracked[],
  services: TrackingServices,
  signal: AbortSignal,
): Promise<Unfinished[]> {
  const rosterId = messages[0]?.rosterId ?? '';
  const completions = messages.flatMap(({ completion }) => completion ?? []);
  try {
    const roster = await readRoster(services.rosters, rosterId);
    if (roster === undefined) {
      // The roster was deleted after its retention, or an operator sent back a request that names a roster that never existed. A real
      // member's roster is written before the member's request is sent.
      services.log.info('Completions of an unknown roster', { roster: rosterId, completions: completions.length });
      return [];
    }
    const counting = await countOutcomes(roster, completions, services, signal);
    const now = await finishIfCounted(rosterId, services, signal);
    services.log.info('Roster tracked', { roster: rosterId, kind: roster.kind, state: now?.state, ...counting });
    return [];
  } catch (error) {
    services.log.error('A roster could not be tracked', {
      roster: rosterId,
      messages: messages.length,
      error: error instanceof Error ? error : String(error),
    });
    return messages.map(({ record }) => ({ record, reason: String(error) }));
  }
}

function readAll(records: IncomingRecord[]) {
  const read = records.map((record) => ({ record, tracked: readTracked(record) }));
  return {
    tracked: read.flatMap(({ tracked }) => tracked ?? []),
    unreadable: read.flatMap(({ record, tracked }) => (tracked ? [] : [record])),
  };
}

/** Parks unreadable messages for a person, because waiting would not help. @returns those that the parked queue did not accept */
async function parkAll(records: IncomingRecord[], services: TrackingServices): Promise<Unfinished[]> {
  const unfinished: Unfinished[] = [];
  for (const record of records) {
    const { messageId } = record;
    services.log.error('A message for the roster tracker cannot be read', { messageId });
    const detail = 'is neither a completion with a roster nor a request to check one';
    try {
      await parkRecord(record, { reason: 'unparseable', detail }, services);
    } catch (error) {
      unfinished.push({ record, reason: String(error) });
    }
  }
  return unfinished;
}

function readTracked(record: IncomingRecord): Tracked | undefined {
  const body = parseJson(record.body);
  const rosterId = record.messageAttributes.roster?.stringValue;
  const completion = completionSchema.safeParse(body).data;
  if (rosterId && completion) return { record, rosterId, completion };
  const check = rosterCheckSchema.safeParse(body).data;
  return check && { record, rosterId: check.checkRoster };
}
