import type { ParkedMessage, ReturnQueue } from '../../client/operate/parked-message.ts';

/** What the console knows about the parked messages. It reads the queue only when a person asks, because reading hides its messages. */
export interface ParkedAnswer {
  /** Changes when `list` does; 0 if the queue has not been read. */
  version: number;
  /** Absent if the page already has this version, or if the queue has not been read. */
  list?: ParkedList;
  running?: ParkedActivity;
  /** How the last activity ended. */
  last?: ParkedResult;
  /** The number of discarded messages that can be saved, because this console has kept copies of them. */
  discardedCount: number;
}

/** The messages that the last reading found, without those that the console has sent back or discarded since then. */
export interface ParkedList {
  readAtMs: number;
  messages: ParkedLine[];
  /** The approximate number of messages that were not visible, for example because another reader was holding them. */
  unseenCount: number;
}

export interface ParkedLine {
  id: string;
  parkedAtMs: number;
  reason: string;
  /** The reason in words. Absent if another version of greenroom gave the reason. */
  meaning?: string;
  /** Absent if the body has no readable key. */
  idempotencyKey?: string;
  tenant: string;
  sizeBytes: number;
  redrive: { kind: 'possible'; lane: ReturnQueue; lacksAttributes: boolean } | { kind: 'impossible'; problem: string };
  /** Why the message may not be discarded. Absent if it may be. */
  keptBecause?: string;
}

export type ParkedActivityKind = 'read' | 'redrive' | 'discard';

/** Only one activity runs at a time, because each of them hides messages from the others. */
export interface ParkedActivity {
  kind: ParkedActivityKind;
  done: number;
  /** Approximate for a reading. */
  total: number;
  isStopping: boolean;
}

export interface ParkedResult {
  kind: ParkedActivityKind;
  endedAtMs: number;
  done: number;
  total: number;
  isStopped: boolean;
  /** Why it ended early. */
  problem?: string;
  /** Other remarks about the activity, in words. */
  notes: string[];
  /** Messages that were not handled as requested, or not completely. */
  failures: { id: string; problem: string }[];
}

/** The whole message, as the last reading found it. */
export interface ParkedMessageAnswer extends ParkedLine {
  message: ParkedMessage;
}
