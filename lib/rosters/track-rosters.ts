import type { Context, SQSBatchResponse } from 'aws-lambda';
import { type Completion, completionSchema } from '../contract/completion.ts';
import { backoffMs } from '../platform/backoff.ts';
import { type IncomingRecord, readRecords } from '../provisioning/incoming-record.ts';
import { postponeRecords } from '../provisioning/postpone.ts';
import { countOutcomes } from './count-outcomes.ts';
import { finishIfCounted } from './finish-roster.ts';
import { rosterCheckSchema } from './roster-check.ts';
import type { TrackingServices } from './tracking-services.ts';
import { withDeadline } from './with-deadline.ts';

const BACKOFF = { baseMs: 2_000, capMs: 300_000 };

/** One message: a completion of a member, or a request to see whether the roster is complete. */
interface Tracked {
  record: IncomingRecord;
  rosterId: string;
  completion?: Completion;
}

/**
 * Counts what completions say of the members of rosters, and finishes the rosters that are complete. All messages of a roster
 * are counted together; those of one that fails are delivered again, and those of the others are done.
 */
export async function trackRosters(
  event: unknown,
  context: Context,
  services: TrackingServices,
): Promise<SQSBatchResponse> {
  const records = readRecords(event);
  const failed = await withDeadline(context, services, async (signal) => {
    const { tracked, unreadable } = readAll(records, services);
    const undone = [...unreadable];
    for (const messages of Map.groupBy(tracked, ({ rosterId }) => rosterId).values())
      if (!(await trackRoster(messages, services, signal))) undone.push(...messages.map(({ record }) => record));
    return undone;
  });
  await postponeRecords(services.config.rosterQueueUrl, failed.map(postponement(services)), services);
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

/** @returns whether everything that these messages of one roster ask for is done */
async function trackRoster(messages: Tracked[], services: TrackingServices, signal: AbortSignal): Promise<boolean> {
  const rosterId = messages[0]?.rosterId ?? '';
  const completions = messages.flatMap(({ completion }) => completion ?? []);
  try {
    const roster = await services.rosters.read(rosterId);
    if (roster === undefined) {
      // A requester has named a roster of its own. A member's roster is written before its request is sent.
      services.log.info('Completions of no roster', { roster: rosterId, completions: completions.length });
      return true;
    }
    const counting = await countOutcomes(roster, completions, services, signal);
    const now = await finishIfCounted(rosterId, services, signal);
    services.log.info('Roster tracked', { roster: rosterId, kind: roster.kind, state: now?.state, ...counting });
    return true;
  } catch (error) {
    services.log.error('A roster could not be tracked', {
      roster: rosterId,
      messages: messages.length,
      error: error instanceof Error ? error : String(error),
    });
    return false;
  }
}

function readAll(records: IncomingRecord[], { log }: TrackingServices) {
  const tracked: Tracked[] = [];
  const unreadable: IncomingRecord[] = [];
  for (const record of records) {
    const read = readTracked(record);
    if (read) tracked.push(read);
    else {
      // After some deliveries it lies in the dead-letter queue, for a person.
      log.error('A message for the tracker of rosters can not be read', { messageId: record.messageId });
      unreadable.push(record);
    }
  }
  return { tracked, unreadable };
}

function readTracked(record: IncomingRecord): Tracked | undefined {
  const body = parseJson(record.body);
  const rosterId = record.messageAttributes.roster?.stringValue;
  const completion = completionSchema.safeParse(body).data;
  if (rosterId && completion) return { record, rosterId, completion };
  const check = rosterCheckSchema.safeParse(body).data;
  return check && { record, rosterId: check.checkRoster };
}

function postponement({ clock, random }: TrackingServices) {
  return (record: IncomingRecord) => ({
    record,
    untilMs: clock.nowMs() + backoffMs(record.attributes.ApproximateReceiveCount, BACKOFF, random),
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
