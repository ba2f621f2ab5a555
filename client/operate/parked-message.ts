import type { Message } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { LANES, type Lane } from '../../lib/contract/lanes.ts';
import {
  PARKED_NOTE_ATTRIBUTE,
  type ParkedNote,
  type ParkReason,
  parkedNoteSchema,
} from '../../lib/contract/parked-note.ts';
import { parseJson } from '../../lib/contract/parse-json.ts';
import { REDRIVE_ATTRIBUTES } from '../../lib/contract/redrive-attributes.ts';
import { REGIONS } from '../../lib/contract/regions.ts';
import { prepareRequest } from '../prepared-request.ts';

/** The reasons for parking, in words for people. */
export const PARK_REASON_TEXTS: Record<ParkReason, string> = {
  unparseable: 'the message has no readable key',
  'damaged-item': "the ledger item of the message's key cannot be read",
  'dead-lettered': 'the message crashed its function every time it was received',
  'outcome-unknown': 'for days, greenroom could not find out whether the room exists',
  unfinished: 'the message waited for days, until its queue was about to delete it',
  unverified: 'the message names a roster or a reserved key, and its sender cannot be verified',
};

/** A message of the parked queue. */
export interface ParkedMessage {
  /** The id of the message in the parked queue. The note contains the id that the message had before. */
  id: string;
  parkedAt: string;
  /** Undefined if the body has no readable key. */
  idempotencyKey: string | undefined;
  /** `default` if the body has no readable tenant. */
  tenant: string;
  sizeBytes: number;
  note?: ParkedNote;
  /** The problem of a note that cannot be read, and its text if there is one. */
  noteProblem?: string;
  noteText?: string;
  body: string;
}

const messageSchema = z.object({
  MessageId: z.string(),
  Body: z.string(),
  Attributes: z.object({ SentTimestamp: z.coerce.number() }),
  MessageAttributes: z.record(z.string(), z.object({ StringValue: z.string().optional() })).default({}),
});

/** @throws ZodError if the receive did not request the necessary attributes. A message without a readable note is not an error */
export function readParkedMessage(received: Message): ParkedMessage {
  const { MessageId: id, Body: body, Attributes, MessageAttributes } = messageSchema.parse(received);
  const sentAtMs = Attributes.SentTimestamp;
  const noted = readNote(MessageAttributes[PARKED_NOTE_ATTRIBUTE]?.StringValue);
  // Neither key nor tenant depends on the default region.
  const settings = { region: REGIONS[0], nowMs: sentAtMs };
  const { idempotencyKey, tenant } = prepareRequest({ number: 1, name: id, body }, settings);
  return {
    id,
    parkedAt: noted.note?.parkedAt ?? new Date(sentAtMs).toISOString(),
    idempotencyKey,
    tenant,
    sizeBytes: Buffer.byteLength(body),
    ...noted,
    body,
  };
}

/** The queues of messages that are not room requests. */
export const OTHER_QUEUES = ['live-events', 'manifests', 'rosters'] as const;

/**
 * Where a parked message is sent back to. A room request returns to a lane, through the redrive queue. Any other message returns to its own
 * queue.
 */
export type ReturnQueue = Lane | (typeof OTHER_QUEUES)[number];

/** The lane or queue to which a message or dead letter returns; undefined if it did not come from a queue of this stage. */
export function laneToReturnTo(
  { sourceQueue, originalAttributes }: ParkedNote,
  stage: string,
): ReturnQueue | undefined {
  const queueName = sourceQueue
    .split(':')
    .at(-1)
    ?.replace(/-dead-letters$/, '');
  if (queueName === `greenroom-${stage}-redrive`)
    return originalAttributes?.[REDRIVE_ATTRIBUTES.lane]?.stringValue === 'bulk' ? 'bulk' : 'interactive';
  return [...LANES, ...OTHER_QUEUES].find((name) => queueName === `greenroom-${stage}-${name}`);
}

function readNote(noteText: string | undefined): Pick<ParkedMessage, 'note' | 'noteProblem' | 'noteText'> {
  if (noteText === undefined) return { noteProblem: `It has no attribute ${PARKED_NOTE_ATTRIBUTE}` };
  const parsed = parkedNoteSchema.safeParse(parseJson(noteText));
  if (parsed.success) return { note: parsed.data };
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'note'}: ${message}`);
  return { noteProblem: `Its note cannot be read: ${problems.join('; ')}`, noteText };
}
