import type { Region } from '../../lib/contract/regions.ts';
import type { VirtualTime } from '../../local/simulation/virtual-time.ts';
import { VISIBILITY_TIMEOUT_MS } from './assumptions.ts';

export interface SimulatedMessage {
  id: string;
  region: Region;
  body: string;
  sentAtMs: number;
  receiveCount: number;
  visibleAtMs: number;
}

export interface Queue {
  /** Messages that are not deleted. */
  readonly length: number;
  send(messages: readonly Pick<SimulatedMessage, 'id' | 'region' | 'body'>[]): void;
  /** Up to so many visible messages; nearly in the order in which they were sent. */
  receive(maximum: number): SimulatedMessage[];
  /** Resolves when a message may be visible. */
  visible(): Promise<void>;
  changeVisibility(id: string, seconds: number): void;
  /** The end of an invocation: what is done is deleted, the rest is visible again at its time. */
  finish(batch: readonly SimulatedMessage[], failedIds: ReadonlySet<string>): void;
}

/** SQS orders as well as it can and promises nothing: how far a message may be overtaken. */
const ORDER_WINDOW = 10;

export function createQueue(time: VirtualTime, random: () => number): Queue {
  /** From `head` on; what lies before has been taken. */
  const ready: SimulatedMessage[] = [];
  const inFlight = new Map<string, SimulatedMessage>();
  let head = 0;
  let length = 0;
  let wakeUp = Promise.withResolvers<void>();

  function makeVisible(message: SimulatedMessage): void {
    ready.push(message);
    wakeUp.resolve();
    wakeUp = Promise.withResolvers<void>();
  }

  function takeOne(): SimulatedMessage | undefined {
    const first = ready[head];
    if (!first) return undefined;
    const place = head + Math.floor(random() * Math.min(ORDER_WINDOW, ready.length - head));
    const taken = ready[place] ?? first;
    ready[place] = first;
    head += 1;
    return taken;
  }

  return {
    get length() {
      return length;
    },
    send(messages) {
      for (const message of messages) {
        length += 1;
        makeVisible({ ...message, sentAtMs: time.nowMs, receiveCount: 0, visibleAtMs: time.nowMs });
      }
    },
    receive(maximum) {
      const batch: SimulatedMessage[] = [];
      for (let message = takeOne(); message; message = batch.length < maximum ? takeOne() : undefined) {
        message.receiveCount += 1;
        message.visibleAtMs = time.nowMs + VISIBILITY_TIMEOUT_MS;
        inFlight.set(message.id, message);
        batch.push(message);
      }
      return batch;
    },
    visible: () => (head < ready.length ? Promise.resolve() : wakeUp.promise),
    changeVisibility(id, seconds) {
      const message = inFlight.get(id);
      if (message) message.visibleAtMs = time.nowMs + seconds * 1000;
    },
    finish(batch, failedIds) {
      for (const message of batch) {
        inFlight.delete(message.id);
        if (failedIds.has(message.id)) time.after(message.visibleAtMs - time.nowMs, () => makeVisible(message));
        else length -= 1;
      }
    },
  };
}
