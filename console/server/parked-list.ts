import type { ParkedMessage } from '../../client/operate/parked-message.ts';
import { REASON_TEXTS, reasonOf, whyNotRemovable } from '../../client/operate/parked-reason.ts';
import { returnMessage } from '../../client/operate/return-message.ts';
import type { ParkedLine } from '../api/parked.ts';

/** A queue of large messages could otherwise exhaust the memory of the console. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** @param stage the stage whose queue the message was read from */
export function parkedLine(parked: ParkedMessage, stage: string): ParkedLine {
  const { id, parkedAt, idempotencyKey, tenant, sizeBytes } = parked;
  const reason = reasonOf(parked);
  const meaning = REASON_TEXTS.get(reason);
  const returned = returnMessage(parked, { stage });
  const problem = whyNotRemovable(parked);
  return {
    ...{ id, parkedAtMs: Date.parse(parkedAt), reason, tenant, sizeBytes },
    ...(meaning !== undefined && { meaning }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    redrive:
      returned.kind === 'sendable'
        ? { kind: 'possible', lane: returned.lane, lacksAttributes: returned.lacksAttributes }
        : { kind: 'impossible', problem: returned.problem },
    ...(problem !== undefined && { keptBecause: `It ${problem}.` }),
  };
}

/** Keeps whole messages up to a total size. */
export interface KeptMessages {
  /** Keeps a message if there is space for it. @returns whether there was */
  keep(parked: ParkedMessage): boolean;
  get(id: string): ParkedMessage | undefined;
  all(): ParkedMessage[];
}

/** @param maxBytes the maximum total size of the messages */
export function createKeptMessages(maxBytes = KEPT_BYTES): KeptMessages {
  const messages = new Map<string, ParkedMessage>();
  let leftBytes = maxBytes;
  return {
    keep(parked) {
      // A note can be as long as a body: SQS limits both together.
      const bytes = parked.sizeBytes + JSON.stringify(parked.note ?? parked.noteText ?? '').length;
      if (bytes > leftBytes) return false;
      leftBytes -= bytes;
      messages.set(parked.id, parked);
      return true;
    },
    get: (id) => messages.get(id),
    all: () => [...messages.values()],
  };
}
