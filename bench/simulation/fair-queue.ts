import { createGroupUse } from '../../emulator/sqs-sns-s3/noisy-groups.ts';
import type { Region } from '../../lib/contract/regions.ts';
import type { VirtualClock } from '../../simulation/virtual-clock.ts';
import { VISIBILITY_TIMEOUT_MS } from './assumptions.ts';

export interface SimulatedMessage {
  id: string;
  region: Region;
  /** The message group, for example tenant and region. */
  group: string;
  body: string;
  sentAtMs: number;
  receiveCount: number;
  firstReceivedMs: number;
  visibleAtMs: number;
}

export type NewMessage = Pick<SimulatedMessage, 'id' | 'region' | 'group' | 'body'>;

export interface Queue {
  /** Messages that are not deleted. */
  readonly length: number;
  send(messages: readonly NewMessage[]): void;
  /** Receives up to `maximum` visible messages, in the order of AWS's fair queues. */
  receive(maximum: number): SimulatedMessage[];
  /** Resolves when a message may be visible. */
  visible(): Promise<void>;
  changeVisibility(id: string, seconds: number): void;
  /** Ends an invocation: messages that are done are deleted. The others become visible again when their visibility timeout ends. */
  finish(batch: readonly SimulatedMessage[], failedIds: ReadonlySet<string>): void;
}

/** The next message of a group is drawn from this many of its oldest ones, because SQS promises only best-effort ordering. */
const ORDER_WINDOW = 10;

/** The visible messages of one message group. */
interface Group {
  name: string;
  ready: { message: SimulatedMessage; order: number }[];
  /** The messages before this index have been taken. */
  head: number;
  newestSentMs: number;
  noisy: boolean;
}

/**
 * A queue that delivers as the embedded stack's queues do: messages of quiet groups in the order of sending, then those of noisy groups,
 * beginning with the group that has the fewest messages in flight. `MemoryQueue` of the simulation examines all of its messages at each
 * receive, which takes too long with hundreds of thousands of messages. Here, each group has a list of its visible messages, and a timer
 * returns every other message to its list.
 * @param onDone called for each message that is deleted
 */
export function createQueue(
  time: VirtualClock,
  random: () => number,
  onDone: (message: SimulatedMessage) => void = () => undefined,
): Queue {
  const groups = new Map<string, Group>();
  const inFlight = new Map<string, SimulatedMessage>();
  const use = createGroupUse(time.nowMs);
  let length = 0;
  let order = 0;
  let visibleCount = 0;
  let wakeUp = Promise.withResolvers<void>();

  function makeVisible(message: SimulatedMessage): void {
    const { group: name } = message;
    const group = groups.get(name) ?? { name, ready: [], head: 0, newestSentMs: 0, noisy: false };
    groups.set(name, group);
    group.ready.push({ message, order: order++ });
    group.newestSentMs = Math.max(group.newestSentMs, message.sentAtMs);
    visibleCount += 1;
    wakeUp.resolve();
    wakeUp = Promise.withResolvers<void>();
  }

  function takeFrom(group: Group): SimulatedMessage | undefined {
    const { ready, head } = group;
    const first = ready[head];
    if (!first) return undefined;
    const index = head + Math.floor(random() * Math.min(ORDER_WINDOW, ready.length - head));
    const taken = ready[index] ?? first;
    ready[index] = first;
    group.head += 1;
    visibleCount -= 1;
    return taken.message;
  }

  function nextGroup(waiting: readonly Group[]): Group | undefined {
    const firstOrder = ({ ready, head }: Group) => ready[head]?.order ?? Number.POSITIVE_INFINITY;
    const quiet = waiting.filter(({ noisy }) => !noisy);
    return quiet.length > 0 ? least(quiet, firstOrder) : least(waiting, ({ name }) => use.inFlightOf(name));
  }

  function setInFlight(message: SimulatedMessage): void {
    message.receiveCount += 1;
    message.firstReceivedMs ||= time.nowMs();
    message.visibleAtMs = time.nowMs() + VISIBILITY_TIMEOUT_MS;
    inFlight.set(message.id, message);
    use.count(message.group, message.sentAtMs, 1);
  }

  return {
    get length() {
      return length;
    },
    send(messages) {
      for (const message of messages) {
        length += 1;
        makeVisible({
          ...message,
          sentAtMs: time.nowMs(),
          receiveCount: 0,
          firstReceivedMs: 0,
          visibleAtMs: time.nowMs(),
        });
      }
    },
    receive(maximum) {
      for (const group of groups.values())
        group.noisy = hasBacklog(group) && use.isNoisy(group.name, group.newestSentMs, group.noisy);
      const batch: SimulatedMessage[] = [];
      while (batch.length < maximum) {
        const group = nextGroup([...groups.values()].filter(hasBacklog));
        const message = group && takeFrom(group);
        if (!message) break;
        setInFlight(message);
        batch.push(message);
      }
      return batch;
    },
    visible: () => (visibleCount > 0 ? Promise.resolve() : wakeUp.promise),
    changeVisibility(id, seconds) {
      const message = inFlight.get(id);
      if (message) message.visibleAtMs = time.nowMs() + seconds * 1000;
    },
    finish(batch, failedIds) {
      for (const message of batch) {
        inFlight.delete(message.id);
        const end = () => use.count(message.group, message.sentAtMs, -1);
        if (failedIds.has(message.id)) {
          // The message stays in flight until its visibility timeout ends.
          time.after(message.visibleAtMs - time.nowMs(), () => {
            end();
            makeVisible(message);
          });
        } else {
          length -= 1;
          end();
          onDone(message);
        }
      }
    },
  };
}

function hasBacklog({ ready, head }: Group): boolean {
  return head < ready.length;
}

function least<Item>(items: readonly Item[], measure: (item: Item) => number): Item | undefined {
  return items.reduce<Item | undefined>(
    (best, each) => (best === undefined || measure(each) < measure(best) ? each : best),
    undefined,
  );
}
