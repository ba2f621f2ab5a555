import { randomUUID } from 'node:crypto';
import type { SQSBatchResponse } from 'aws-lambda';

/** A message of an in-memory queue. Its id is also the receipt handle. */
export interface MemoryMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly groupId: string | undefined;
  readonly sentAtMs: number;
  visibleAtMs: number;
  receiveCount: number;
  /** In epoch milliseconds; undefined before the first receive. */
  firstReceivedMs: number | undefined;
  /** The queue that moved the message to its dead letters, if one did. */
  deadLetterSource: string | undefined;
  /** How the message left its queue; undefined while it is in a queue. */
  gone: Removal | undefined;
}

export interface Sending {
  /** By default a random id. */
  id?: string;
  attributes?: Record<string, string>;
  groupId?: string | undefined;
  delaySeconds?: number | undefined;
}

export type Removal = 'done' | 'dead-lettered' | 'deleted by retention';

/** An observer that is notified of every action on a queue. */
export interface QueueWatch {
  /** Messages were sent, moved here, received, postponed or deleted, or a caller tried to receive. `received`: how many were delivered. */
  onAction(received: number): void;
}

export interface QueueSettings {
  visibilityTimeoutMs: number;
  /** A message that was received this many times becomes a dead letter at the next receive. By default there is no limit. */
  maxReceiveCount?: number;
  /** By default messages are kept forever. */
  retentionMs?: number;
  /** The queue for dead letters. By default there is none. */
  deadLetters?: MemoryQueue;
  watch?: QueueWatch;
}

/** The behaviour of an SQS standard queue that consumers rely on. It has no timers: each receive computes the visible messages. */
export class MemoryQueue {
  readonly #name: string;
  readonly #nowMs: () => number;
  readonly #settings: QueueSettings;
  readonly #messages: MemoryMessage[] = [];

  constructor(name: string, nowMs: () => number, settings: QueueSettings) {
    this.#name = name;
    this.#nowMs = nowMs;
    this.#settings = settings;
  }

  send(body: string, { id = randomUUID(), attributes = {}, groupId, delaySeconds = 0 }: Sending = {}): MemoryMessage {
    const sentAtMs = this.#nowMs();
    const history = { receiveCount: 0, firstReceivedMs: undefined, deadLetterSource: undefined, gone: undefined };
    const visibleAtMs = sentAtMs + delaySeconds * 1000;
    const message = { id, body, attributes, groupId, sentAtMs, visibleAtMs, ...history };
    this.#messages.push(message);
    this.#settings.watch?.onAction(0);
    return message;
  }

  /** The messages in the queue, in the order of sending. */
  messages(): readonly MemoryMessage[] {
    return this.#messages;
  }

  /** The messages that may be received now. Messages that have outlived the retention period are deleted first. */
  visible(): MemoryMessage[] {
    const { retentionMs = Number.POSITIVE_INFINITY } = this.#settings;
    const nowMs = this.#nowMs();
    for (const message of this.#messages.filter(({ sentAtMs }) => nowMs - sentAtMs > retentionMs))
      this.#leave(message, 'deleted by retention');
    return this.#messages.filter(({ visibleAtMs }) => visibleAtMs <= nowMs);
  }

  /** Receives these messages, which makes them invisible. @returns the received messages; the others have become dead letters */
  take(messages: readonly MemoryMessage[]): MemoryMessage[] {
    const { maxReceiveCount = Number.POSITIVE_INFINITY, visibilityTimeoutMs } = this.#settings;
    const delivered = messages.filter((message) => {
      if (message.receiveCount >= maxReceiveCount) {
        this.setAside(message);
        return false;
      }
      message.receiveCount += 1;
      message.firstReceivedMs ??= this.#nowMs();
      message.visibleAtMs = this.#nowMs() + visibilityTimeoutMs;
      return true;
    });
    this.#settings.watch?.onAction(delivered.length);
    return delivered;
  }

  /** Receives up to `maximum` visible messages, the oldest first. */
  receive(maximum: number): MemoryMessage[] {
    return this.take(this.visible().slice(0, maximum));
  }

  /** Shuffles the messages, because SQS may deliver in any order. @param random returns numbers from 0 (inclusive) to 1 (exclusive) */
  shuffle(random: () => number): void {
    this.#messages.sort(() => random() - 0.5);
  }

  /** Makes a message of this queue or of the dead letters visible at `untilMs`. */
  postpone(id: string, untilMs: number): void {
    for (const message of this.#messages.filter((each) => each.id === id)) {
      message.visibleAtMs = untilMs;
      this.#settings.watch?.onAction(0);
    }
    this.#settings.deadLetters?.postpone(id, untilMs);
  }

  /** Ends an invocation as the event-source mapping does: deletes the messages that are not reported as failed. */
  finish(batch: readonly MemoryMessage[], { batchItemFailures }: SQSBatchResponse): void {
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    this.remove(new Set(batch.map(({ id }) => id).filter((id) => !failed.has(id))));
  }

  /** Deletes these messages from this queue or from the dead letters. */
  remove(ids: ReadonlySet<string>): void {
    for (const message of this.#messages.filter(({ id }) => ids.has(id))) {
      this.#leave(message, 'done');
      this.#settings.watch?.onAction(0);
    }
    this.#settings.deadLetters?.remove(ids);
  }

  /** Moves a message to the dead letters. */
  setAside(message: MemoryMessage): void {
    if (!this.#messages.includes(message)) return;
    this.#leave(message, 'dead-lettered');
    message.deadLetterSource = this.#name;
    const { deadLetters } = this.#settings;
    if (deadLetters) deadLetters.#accept(message);
  }

  #accept(message: MemoryMessage): void {
    message.gone = undefined;
    this.#messages.push(message);
    this.#settings.watch?.onAction(0);
  }

  #leave(message: MemoryMessage, how: Removal): void {
    message.gone = how;
    this.#messages.splice(this.#messages.indexOf(message), 1);
  }

  /** When the next message becomes visible; infinity if there is none. */
  nextVisibleMs(): number {
    return this.#messages.reduce((next, { visibleAtMs }) => Math.min(next, visibleAtMs), Number.POSITIVE_INFINITY);
  }

  counts(): { visible: number; inFlight: number } {
    const visible = this.#messages.filter(({ visibleAtMs }) => visibleAtMs <= this.#nowMs()).length;
    return { visible, inFlight: this.#messages.length - visible };
  }
}
