import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import { capProblems, type Problem } from '../contract/problems.ts';
import { updateItem } from '../platform/tables.ts';
import { setAttributes } from '../platform/update-expression.ts';
import { rosterPk } from '../rosters/roster-item.ts';
import { expiresAt } from '../rosters/roster-table.ts';
import type { LiveEventServices } from './live-event-services.ts';

/** The announcement lists up to 100 problems. The item needs fewer: it is only a note for operators, and every list of events reads it. */
const MAX_PROBLEMS_STORED = 5;

const refusedSchema = z.object({
  live_event_id: z.string(),
  /** Absent if the message has no readable revision. */
  revision: z.optional(z.number()),
  /** The hash of the refused revision's text, if it matches the schema (`LiveEventPlan.hash`). */
  hash: z.optional(z.string()),
  problems: z.array(z.object({ path: z.string(), message: z.string() })),
  problems_total: z.number(),
  /** Epoch milliseconds. */
  refused_at: z.number(),
});

/** The note on the last message that was not applied to its live event. */
export type RefusedRevision = z.infer<typeof refusedSchema>;

/**
 * The note is a separate item, and not an attribute of the event's item. The event's item may be as large as 350 kB, and does not exist if
 * the event's first message is refused.
 */
export function refusedRevisionKey(liveEventId: string): { pk: { S: string }; sk: { S: string } } {
  return { pk: { S: rosterPk(`live/${liveEventId}`) }, sk: { S: 'refused' } };
}

/**
 * Notes why a message was not applied, for `greenroom events` and `greenroom schedule --wait`. Only the last note is kept. Nothing in the
 * handling of live events depends on this note. Does nothing if the id of the event cannot be read.
 * @throws TableUnavailableError
 */
export async function noteRefusal(
  {
    liveEventId,
    revision,
    hash,
    problems,
  }: {
    liveEventId?: string;
    revision?: number | undefined;
    hash?: string | undefined;
    problems: Problem[];
  },
  { clients, config, clock, rosters }: Pick<LiveEventServices, 'clients' | 'config' | 'clock' | 'rosters'>,
): Promise<void> {
  if (liveEventId === undefined) return;
  const capped = capProblems(problems);
  const nowMs = clock.nowMs();
  const optional = { revision, hash };
  const { update, values } = setAttributes({
    live_event_id: liveEventId,
    ...optional,
    problems: capped.problems.slice(0, MAX_PROBLEMS_STORED),
    problems_total: capped.total,
    refused_at: nowMs,
    expires_at: expiresAt(nowMs, rosters),
  });
  const absent = Object.entries(optional).flatMap(([name, value]) => (value === undefined ? [`#${name}`] : []));
  await updateItem(clients.dynamodb, {
    tableName: config.rosterTable,
    key: refusedRevisionKey(liveEventId),
    update: absent.length > 0 ? `${update} REMOVE ${absent.join(', ')}` : update,
    values,
  });
}

/** @throws ZodError if the item was changed by hand */
export function parseRefusedRevision(attributes: Record<string, AttributeValue>): RefusedRevision {
  return refusedSchema.parse(unmarshall(attributes));
}
