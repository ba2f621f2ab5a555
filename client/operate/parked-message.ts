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
import type { Region } from '../../lib/contract/regions.ts';
import { prepareRequest } from '../prepared-request.ts';

/** Why requests are parked, as people are told. */
export const PARK_REASON_TEXTS: Record<ParkReason, string> = {
  unparseable: 'no key can be read in it',
  'damaged-item': "the ledger's item of its key cannot be read",
  'dead-lettered': 'it crashed its function every time',
  'outcome-unknown': 'for days nobody could find out whether its room exists',
  unfinished: 'it waited for days, until its queue would have deleted it',
  unverified: 'it names a roster or a reserved key, and nobody can tell that its sender may',
};

/** A message of the parked queue. */
export interface ParkedMessage {
  /** The id that it has there; the note has the one that it had before. */
  id: string;
  parkedAt: string;
  /** If one can be read in the body. */
  idempotencyKey: string | undefined;
  /** `default` if none can be read in the body. */
  tenant: string;
  sizeBytes: number;
  note?: ParkedNote;
  /** What is wrong with the note if it cannot be read, and its text if there is one. */
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

/**
 * @param region the deployment's, where rooms are made for requests that name none
 * @throws ZodError if SQS was not asked for what is needed; a message without a readable note is no error
 */
export function readParkedMessage(received: Message, region: Region): ParkedMessage {
  const { MessageId: id, Body: body, Attributes, MessageAttributes } = messageSchema.parse(received);
  const sentAtMs = Attributes.SentTimestamp;
  const noted = readNote(MessageAttributes[PARKED_NOTE_ATTRIBUTE]?.StringValue);
  const { idempotencyKey, tenant } = prepareRequest({ number: 1, name: id, body }, { region, nowMs: sentAtMs });
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

/** The queues of messages that are no room requests. */
export const OTHER_QUEUES = ['live-events', 'manifests', 'rosters'] as const;

/** Where parked messages go back to: room requests to a lane, by way of the redrive queue, others to their own queue. */
export type ReturnQueue = Lane | (typeof OTHER_QUEUES)[number];

/** Where a message, or a dead letter, came from; undefined if it was no queue of this stage. */
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
