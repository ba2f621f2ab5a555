import { PARK_REASON_TEXTS, type ParkedMessage } from './parked-message.ts';

/** The reason that is shown for a message whose note cannot be read. */
export const NO_NOTE = 'unreadable-note';

/** Every reason that a list of parked messages shows, in words, including the one for messages that greenroom did not park. */
export const REASON_TEXTS: ReadonlyMap<string, string> = new Map([
  ...Object.entries(PARK_REASON_TEXTS),
  [NO_NOTE, 'the message has no note that this version can read'],
]);

/**
 * Requests that were parked as unparseable or dead-lettered already have a completion. Messages that are not requests do not need one.
 * greenroom cannot send back a message without a readable note, so only its removal ends the alarm.
 */
const REMOVABLE = ['unparseable', 'dead-lettered', NO_NOTE];

/** Why the message was parked, or that its note cannot be read. */
export function reasonOf({ note }: Pick<ParkedMessage, 'note'>): string {
  return note?.reason ?? NO_NOTE;
}

/** Why a message may not be removed, as the end of a sentence about the message; undefined if it may be removed. */
export function whyNotRemovable(message: Pick<ParkedMessage, 'note'>): string | undefined {
  const reason = reasonOf(message);
  return REMOVABLE.includes(reason) ? undefined : `was parked as ${reason} and may have no outcome yet`;
}
