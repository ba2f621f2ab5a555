import type * as z from 'zod/mini';
import '../../lib/contract/english.ts';
import { failedCompletionSchema, provisionedCompletionSchema } from '../../lib/contract/completion.ts';
import { parseJson } from '../../lib/contract/parse-json.ts';
import { problemText } from '../../lib/contract/problem-text.ts';
import { pathText } from '../../lib/contract/problems.ts';
import { isRecord } from '../../lib/contract/record.ts';
import {
  releasedEventSchema,
  releaseFailedEventSchema,
  releaseScheduledEventSchema,
} from '../../lib/contract/release-event.ts';
import {
  rosterAtRiskSchema,
  rosterCancelledSchema,
  rosterCompletedSchema,
  rosterFailedSchema,
} from '../../lib/contract/roster-event.ts';
import { openDelivery } from './open-delivery.ts';

/** An event that greenroom published, as it was delivered. */
interface Delivered<Kind extends string, Schema extends z.ZodMiniType> {
  kind: Kind;
  /** The id of the event, which is the same in all of its deliveries. Use it to ignore duplicates. */
  id: string;
  event: z.infer<Schema>;
  /** The message attributes, such as `tenant`, `lane` and `correlationId`. Empty if the delivery has no attributes. */
  attributes: Record<string, string>;
  /** The `metadata` of the request that the event answers. Absent if the request or the delivery has no metadata. */
  metadata?: Record<string, unknown>;
}

/** An event of the completion topic, or the reason why the message cannot be read as one. */
export type ParsedCompletion =
  | Delivered<'room-provisioned', typeof provisionedCompletionSchema>
  | Delivered<'room-failed', typeof failedCompletionSchema>
  | Delivered<'room-released', typeof releasedEventSchema>
  | Delivered<'release-scheduled', typeof releaseScheduledEventSchema>
  | Delivered<'release-failed', typeof releaseFailedEventSchema>
  | Delivered<'roster-completed', typeof rosterCompletedSchema>
  | Delivered<'roster-failed', typeof rosterFailedSchema>
  | Delivered<'roster-at-risk', typeof rosterAtRiskSchema>
  | Delivered<'roster-cancelled', typeof rosterCancelledSchema>
  | UnknownType
  | Unreadable;

/** An event whose type this release does not know, because a later release published it. Ignore the event, or install that release. */
interface UnknownType {
  kind: 'unknown-type';
  type: string;
  /** Absent if it cannot be read. */
  id?: string;
  event: Record<string, unknown>;
  attributes: Record<string, string>;
}

/** A message that contains no event, or an event that violates the contract. */
interface Unreadable {
  kind: 'unreadable';
  problem: string;
  /** The id and the type of the event, if they can be read. */
  id?: string;
  type?: string;
}

type Opened = Extract<ReturnType<typeof openDelivery>, { kind: 'event' }>;

/**
 * Reads an event of greenroom in any form in which it can arrive: as the text of a message, an SQS message, an SNS notification, a Lambda
 * record of SQS or SNS, or an EventBridge event. Never throws.
 */
export function parseCompletion(input: unknown): ParsedCompletion {
  try {
    const delivery = openDelivery(input);
    return delivery.kind === 'unreadable' ? delivery : readEvent(delivery);
  } catch {
    return UNREADABLE;
  }
}

/** A getter or a proxy of the program threw an error. */
const UNREADABLE: Unreadable = { kind: 'unreadable', problem: 'A member of the message cannot be read' };

/**
 * Reads each record of a Lambda event, each message of a ReceiveMessage response, or each element of a list. Never throws.
 * @returns one result for each of them, in the same order. The list is empty if ReceiveMessage returned no messages. Any other input counts
 *   as one message
 */
export function parseCompletions(input: unknown): ParsedCompletion[] {
  try {
    const batch = isRecord(input) ? batchIn(input) : input;
    return Array.isArray(batch) ? Array.from(batch, (each) => parseCompletion(each)) : [parseCompletion(input)];
  } catch {
    return [UNREADABLE];
  }
}

/** Returns the records of a Lambda event or the messages of a response; undefined if the input is neither. */
function batchIn(input: Record<string, unknown>): unknown {
  // If the queue was empty, the SDK's response has no `Messages`, but it still has `$metadata`.
  const none = '$metadata' in input || 'Messages' in input ? [] : undefined;
  return input.Records ?? input.Messages ?? none;
}

function readEvent(opened: Opened): ParsedCompletion {
  const { event, attributes } = opened;
  switch (event.type) {
    case 'greenroom.room.provisioned.v1':
      return read('room-provisioned', provisionedCompletionSchema, opened);
    case 'greenroom.room.failed.v1':
      return read('room-failed', failedCompletionSchema, opened);
    case 'greenroom.room.released.v1':
      return read('room-released', releasedEventSchema, opened);
    case 'greenroom.room.release-scheduled.v1':
      return read('release-scheduled', releaseScheduledEventSchema, opened);
    case 'greenroom.room.release-failed.v1':
      return read('release-failed', releaseFailedEventSchema, opened);
    case 'greenroom.roster.completed.v1':
      return read('roster-completed', rosterCompletedSchema, opened);
    case 'greenroom.roster.failed.v1':
      return read('roster-failed', rosterFailedSchema, opened);
    case 'greenroom.roster.at-risk.v1':
      return read('roster-at-risk', rosterAtRiskSchema, opened);
    case 'greenroom.roster.cancelled.v1':
      return read('roster-cancelled', rosterCancelledSchema, opened);
    default: {
      const { type, id } = namesOf(event);
      if (type === undefined) return { kind: 'unreadable', problem: 'The event has no type', ...(id && { id }) };
      return { kind: 'unknown-type', type, ...(id && { id }), event, attributes };
    }
  }
}

function read<Kind extends string, Schema extends z.ZodMiniType<{ id: string }>>(
  kind: Kind,
  schema: Schema,
  { event, attributes }: Opened,
): Delivered<Kind, Schema> | Unreadable {
  const parsed = schema.safeParse(event);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => problemText({ path: pathText(path), message }));
    return { kind: 'unreadable', problem: problems.join('; '), ...namesOf(event) };
  }
  const metadata = parseJson(attributes.metadata ?? '');
  const { data } = parsed;
  return { kind, id: data.id, event: data, attributes, ...(isRecord(metadata) && { metadata }) };
}

function namesOf({ id, type }: Record<string, unknown>): { id?: string; type?: string } {
  return { ...(typeof id === 'string' && { id }), ...(typeof type === 'string' && { type }) };
}
