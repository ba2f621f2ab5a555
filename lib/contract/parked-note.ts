import * as z from 'zod/mini';

/** Why a message was parked. */
export const PARK_REASONS = [
  'unparseable',
  'damaged-item',
  'dead-lettered',
  'outcome-unknown',
  'unfinished',
  'unverified',
] as const;

export type ParkReason = (typeof PARK_REASONS)[number];

/** The attribute of a parked message that contains its note, as JSON. */
export const PARKED_NOTE_ATTRIBUTE = 'greenroom-parked';

/** An attribute as Lambda delivers it; a binary value is in base64. */
const originalAttributeSchema = z.looseObject({
  dataType: z._default(z.string(), 'String'),
  stringValue: z.optional(z.string()),
  binaryValue: z.optional(z.string()),
});

/**
 * The note that greenroom adds to a message when it parks the message. A note may come from another version, so unknown members and
 * unknown reasons are accepted.
 */
export const parkedNoteSchema = z.looseObject({
  reason: z.string(),
  detail: z.optional(z.string()),
  /** The ARN of the queue that the message came from. For a dead letter, that is the queue before the dead-letter queue. */
  sourceQueue: z.string(),
  /** The message's id in that queue. */
  messageId: z.string(),
  sentAt: z.iso.datetime(),
  /**
   * When the message was first sent. Unlike `sentAt`, it stays the same when the message is redriven and parked again. Absent for messages
   * that are not room requests or release commands, and in notes of earlier versions.
   */
  wishedAt: z.exactOptional(z.iso.datetime()),
  receiveCount: z.int(),
  parkedAt: z.iso.datetime(),
  /** Whether the message may name a roster. Absent if that is unknown: in notes of earlier versions, and for `unverified` messages. */
  isFromRoster: z.exactOptional(z.boolean()),
  /** Absent if the body and the attributes together were too large for the parked queue. */
  originalAttributes: z.exactOptional(z.record(z.string(), originalAttributeSchema)),
  originalAttributesOmitted: z.exactOptional(z.boolean()),
});

export type ParkedNote = z.output<typeof parkedNoteSchema>;
export type ParkedNoteInput = z.input<typeof parkedNoteSchema>;
