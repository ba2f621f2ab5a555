import { randomUUID } from 'node:crypto';
import type { SQSBatchResponse } from 'aws-lambda';

/** A message of a queue in memory; its id serves as the receipt handle. */
export interface MemoryMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly groupId: string | undefined;
  readonly sentAtMs: number;
  visibleAtMs: number;
  receiveCount: number;
  /** Epoch milliseconds; undefined before. */
  firstReceivedMs: number | undefined;
  /** The queue that set it aside, if one did. */
  deadLetterSource: string | undefined;
  /** How it left its queue; undefined as long as it is in one. */
  gone: Going | undefined;
}

export interface Sending {
  /** By default a random one. */
  id?: string;
  attributes?: Record<string, string>;
  groupId?: string | undefined;
  delaySeconds?: number | undefined;
}

export type Going = 'done' | 'dead-lettered' | 'deleted by retention';

export interface QueueSettings {
  visibilityTimeoutMs: number;
  /** What was received so often is set aside at the next receive; by default nothing ever is. */
  maxReceiveCount?: number;
  /** By default messages are kept for ever. */
  retentionMs?: number;
  /** Where messages that are set aside go; by default nowhere. */
  deadLetters?: MemoryQueue;
}

export interface MemoryQueue {
  send(body: string, sending?: Sending): MemoryMessage;
  /** Those that have not gone, in the order of sending. */
  messages(): readonly MemoryMessage[];
  /** Those that may be received now. What is older than the retention is deleted before. */
  visible(): MemoryMessage[];
  /** Receives these: they are invisible from now on. @returns those that are not set aside instead */
  take(messages: readonly MemoryMessage[]): MemoryMessage[];
  /** Receives up to so many that are visible, the oldest first. */
  receive(maximum: number): MemoryMessage[];
  /** Brings the messages in no order, as SQS may. @param random 0 inclusive to 1 exclusive */
  shuffle(random: () => number): void;
  /** Makes a message visible at that time, here or among the dead letters. */
  postpone(id: string, untilMs: number): void;
  /** The end of an invocation: what is not reported as failed is deleted, as the event-source mapping does it. */
  finish(batch: readonly MemoryMessage[], response: SQSBatchResponse): void;
  /** Deletes these, here or among the dead letters. */
  remove(ids: ReadonlySet<string>): void;
  /** Moves a message to the dead letters. */
  setAside(message: MemoryMessage): void;
  /** Takes a message that another queue has set aside. */
  accept(message: MemoryMessage): void;
  /** When the next message is visible; infinity if there is none. */
  nextVisibleMs(): number;
  counts(): { visible: number; inFlight: number };
}

/** As much of an SQS standard queue as its users rely on. Nothing happens by itself: who receives looks for what is visible. */
export function createMemoryQueue(name: string, nowMs: () => number, settings: QueueSettings): MemoryQueue {
  const { maxReceiveCount = Number.POSITIVE_INFINITY, retentionMs = Number.POSITIVE_INFINITY, deadLetters } = settings;
  const messages: MemoryMessage[] = [];

  function leave(message: MemoryMessage, how: Going): void {
    messages.splice(messages.indexOf(message), 1);
    message.gone = how;
  }

  const queue: MemoryQueue = {
    send(body, { id = randomUUID(), attributes = {}, groupId, delaySeconds = 0 } = {}) {
      const sentAtMs = nowMs();
      const history = { receiveCount: 0, firstReceivedMs: undefined, deadLetterSource: undefined, gone: undefined };
      const visibleAtMs = sentAtMs + delaySeconds * 1000;
      const message = { id, body, attributes, groupId, sentAtMs, visibleAtMs, ...history };
      messages.push(message);
      return message;
    },
    messages: () => messages,
    visible() {
      const isTooOld = ({ sentAtMs }: MemoryMessage) => nowMs() - sentAtMs > retentionMs;
      for (const message of messages.filter(isTooOld)) leave(message, 'deleted by retention');
      return messages.filter(({ visibleAtMs }) => visibleAtMs <= nowMs());
    },
    take: (received) =>
      received.filter((message) => {
        if (message.receiveCount >= maxReceiveCount) {
          queue.setAside(message);
          return false;
        }
        message.receiveCount += 1;
        message.firstReceivedMs ??= nowMs();
        message.visibleAtMs = nowMs() + settings.visibilityTimeoutMs;
        return true;
      }),
    receive: (maximum) => queue.take(queue.visible().slice(0, maximum)),
    shuffle(random) {
      messages.sort(() => random() - 0.5);
    },
    postpone(id, untilMs) {
      for (const message of messages) if (message.id === id) message.visibleAtMs = untilMs;
      deadLetters?.postpone(id, untilMs);
    },
    finish(batch, { batchItemFailures }) {
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      queue.remove(new Set(batch.map(({ id }) => id).filter((id) => !failed.has(id))));
    },
    remove(ids) {
      for (const message of messages.filter(({ id }) => ids.has(id))) leave(message, 'done');
      deadLetters?.remove(ids);
    },
    setAside(message) {
      if (!messages.includes(message)) return;
      leave(message, 'dead-lettered');
      message.deadLetterSource = name;
      deadLetters?.accept(message);
    },
    accept(message) {
      messages.push(message);
      message.gone = undefined;
    },
    nextVisibleMs: () =>
      messages.reduce((next, { visibleAtMs }) => Math.min(next, visibleAtMs), Number.POSITIVE_INFINITY),
    counts() {
      const visible = messages.filter(({ visibleAtMs }) => visibleAtMs <= nowMs()).length;
      return { visible, inFlight: messages.length - visible };
    },
  };
  return queue;
}
