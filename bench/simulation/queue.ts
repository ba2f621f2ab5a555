import type { Region } from '../../lib/contract/regions.ts';
import type { VirtualTime } from '../../local/simulation/virtual-time.ts';
import { VISIBILITY_TIMEOUT_MS } from './assumptions.ts';

export interface SimulatedMessage {
  id: string;
  region: Region;
  body: string;
  sentAtMs: number;
  receiveCount: number;
  firstReceivedMs: number;
  visibleAtMs: number;
}

export interface Queue {
  /** Messages that are not deleted. */
  readonly length: number;
  send(messages: readonly Pick<SimulatedMessage, 'id' | 'region' | 'body'>[]): void;
  /** Up to so many visible messages; within a group nearly in the order in which they were sent. */
  receive(maximum: number): SimulatedMessage[];
  /** Resolves when a message may be visible. */
  visible(): Promise<void>;
  changeVisibility(id: string, seconds: number): void;
  /** The end of an invocation: what is done is deleted, the rest is visible again at its time. */
  finish(batch: readonly SimulatedMessage[], failedIds: ReadonlySet<string>): void;
}

/** SQS orders as well as it can and promises nothing: how far a message may be overtaken within its group. */
const ORDER_WINDOW = 10;

/** The visible messages of one message group: ours are those of a tenant and region. */
interface Group {
  ready: SimulatedMessage[];
  /** What lies before has been taken. */
  head: number;
}

/** A queue that serves its message groups in turn, as the embedded stack's does. */
export function createQueue(time: VirtualTime, random: () => number): Queue {
  const groups = new Map<string, Group>();
  const inFlight = new Map<string, SimulatedMessage>();
  let length = 0;
  let visibleCount = 0;
  let wakeUp = Promise.withResolvers<void>();

  function makeVisible(message: SimulatedMessage): void {
    const group = groups.get(message.region) ?? { ready: [], head: 0 };
    groups.set(message.region, group);
    group.ready.push(message);
    visibleCount += 1;
    wakeUp.resolve();
    wakeUp = Promise.withResolvers<void>();
  }

  function takeFrom(group: Group): SimulatedMessage | undefined {
    const { ready, head } = group;
    const first = ready[head];
    if (!first) return undefined;
    const place = head + Math.floor(random() * Math.min(ORDER_WINDOW, ready.length - head));
    const taken = ready[place] ?? first;
    ready[place] = first;
    group.head += 1;
    visibleCount -= 1;
    return taken;
  }

  /** From the group that was served longest ago; it goes to the end of the line. */
  function takeOne(): SimulatedMessage | undefined {
    for (const [name, group] of groups) {
      const taken = takeFrom(group);
      if (!taken) continue;
      groups.delete(name);
      groups.set(name, group);
      return taken;
    }
    return undefined;
  }

  return {
    get length() {
      return length;
    },
    send(messages) {
      for (const message of messages) {
        length += 1;
        makeVisible({ ...message, sentAtMs: time.nowMs, receiveCount: 0, firstReceivedMs: 0, visibleAtMs: time.nowMs });
      }
    },
    receive(maximum) {
      const batch: SimulatedMessage[] = [];
      for (let message = takeOne(); message; message = batch.length < maximum ? takeOne() : undefined) {
        message.receiveCount += 1;
        message.firstReceivedMs ||= time.nowMs;
        message.visibleAtMs = time.nowMs + VISIBILITY_TIMEOUT_MS;
        inFlight.set(message.id, message);
        batch.push(message);
      }
      return batch;
    },
    visible: () => (visibleCount > 0 ? Promise.resolve() : wakeUp.promise),
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
