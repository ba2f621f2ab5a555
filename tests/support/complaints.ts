import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Completion } from '../../lib/contract/completion.ts';
import { invalidCompletionId, unparseableCompletionId } from '../../lib/contract/completion-id.ts';
import { ledgerKey } from '../../lib/contract/keys.ts';

/** The size that SNS accepts: https://docs.aws.amazon.com/general/latest/gr/sns.html */
const MAX_EVENT_BYTES = 262_144;

/** A message that was sent. A good message requests its own room. A bad message cannot be fulfilled. */
export interface SentMessage {
  isGood: boolean;
  body: string;
  /** The key of the message. Absent from a bad message whose key cannot be read. */
  key?: string | undefined;
}

/** The observed effects of the service. */
export interface Seen {
  /** How many messages the handler reported as not done. */
  notDoneCount: number;
  /** For each room, the tag that names its ledger item. */
  roomKeys: string[];
  completions: Completion[];
  /** The texts as they were published. */
  texts: string[];
  parked: { body: string; note: string }[];
}

const noteSchema = z.object({
  reason: z.literal('unparseable'),
  sourceQueue: z.string().endsWith(':interactive'),
  messageId: z.string().min(1),
  sentAt: z.iso.datetime(),
  receiveCount: z.int().min(1),
  parkedAt: z.iso.datetime(),
  originalAttributes: z.strictObject({}),
});

/**
 * The differences between the observed and the required effects of the messages. Each good message must get a room, and no other room may
 * exist. Each message must be announced once, with the id that follows from its key and body. A message without a readable key must be
 * parked unchanged.
 */
export function complaints(sent: SentMessage[], seen: Seen): string[] {
  const good = sent.filter(({ isGood }) => isGood);
  const unparseable = sent.filter(({ isGood, key }) => !isGood && key === undefined);
  return [
    ...(seen.notDoneCount > 0 ? [`${seen.notDoneCount} messages were reported as not done`] : []),
    ...differences(
      'room',
      good.map(({ key = '' }) => ledgerKey(key)),
      seen.roomKeys,
    ),
    ...differences('announcement', sent.map(announcementOf), seen.completions.map(describe)),
    ...seen.completions.flatMap(withoutProblems),
    ...seen.texts.flatMap((text) => (canBeSent(text, MAX_EVENT_BYTES) ? [] : [`SNS or SQS would refuse ${text}`])),
    ...differences(
      'parked body',
      unparseable.map(({ body }) => digest(body)),
      seen.parked.map(({ body }) => digest(body)),
    ),
    ...seen.parked.flatMap(({ note }) => noteProblems(note)),
  ];
}

/** Whether SQS would accept a text: its size is allowed, and XML 1.0 allows each of its characters. */
export function canBeSent(text: string, maxBytes: number): boolean {
  const isXml = /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]+$/u.test(text);
  return isXml && Buffer.byteLength(text) <= maxBytes;
}

function announcementOf({ isGood, key, body }: SentMessage): string {
  if (isGood) return `created ${key}`;
  if (key === undefined) return `unparseable undefined ${unparseableCompletionId(body)}`;
  return `invalid-request ${key} ${invalidCompletionId(key, body)}`;
}

function describe({ id, subject, data }: Completion): string {
  return data.outcome === 'failed' ? `${data.reason} ${subject} ${id}` : `${data.outcome} ${subject}`;
}

function withoutProblems({ id, data }: Completion): string[] {
  if (data.outcome !== 'failed') return [];
  const { problems = [] } = data;
  const isExplained = problems.length > 0 && problems.every(({ message }) => message !== '');
  return isExplained ? [] : [`${id} does not say what is wrong`];
}

function noteProblems(note: string): string[] {
  try {
    noteSchema.parse(JSON.parse(note));
    return [];
  } catch (error) {
    return [`A parked note is wrong: ${error}`];
  }
}

/** The differences between two lists: each element that is missing from the second list, or that the first list does not have. */
function differences(what: string, expected: string[], actual: string[]): string[] {
  const counts = new Map<string, number>();
  for (const each of expected) counts.set(each, (counts.get(each) ?? 0) + 1);
  for (const each of actual) counts.set(each, (counts.get(each) ?? 0) - 1);
  return [...counts].flatMap(([each, count]) =>
    count === 0 ? [] : [`${what} ${count > 0 ? 'missing' : 'too many'}: ${each}`],
  );
}

function digest(body: string): string {
  return createHash('sha256').update(body, 'utf16le').digest('hex');
}
