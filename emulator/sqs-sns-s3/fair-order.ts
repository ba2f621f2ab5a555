import { inFlightOf } from './fauxqs.ts';
import type { SqsMessage, SqsQueue } from './fauxqs-types.ts';
import { groupOf } from './in-flight-messages.ts';
import type { GroupUse } from './noisy-groups.ts';

/**
 * The next message is drawn from this many of the oldest ones, because SQS promises only best-effort ordering. Consumers must therefore
 * handle messages out of order, but no message waits long while newer ones are delivered.
 */
const ORDER_WINDOW = 10;

/** Yields the queue's waiting messages in the order of delivery, without removing them. */
export type DeliveryOrder = (queue: SqsQueue) => Generator<SqsMessage>;

/**
 * The order of AWS's fair queues. Messages of quiet groups come first, in about the order of sending; the groups do not take turns. When no
 * message of a quiet group waits, the noisy group with the fewest messages in flight is next.
 */
export function createDeliveryOrder(random: () => number): DeliveryOrder {
  const noisyOfQueue = new WeakMap<SqsQueue, ReadonlySet<string>>();
  const takeOne = (line: SqsMessage[]) => line.splice(Math.floor(random() * Math.min(line.length, ORDER_WINDOW)), 1);

  return function* deliveryOrder(queue) {
    const { use } = inFlightOf(queue);
    const lines = noisyLines(queue, use, noisyOfQueue.get(queue) ?? new Set());
    noisyOfQueue.set(queue, new Set(lines.keys()));

    const quiet = queue.messages.filter((message) => lines.size === 0 || !lines.has(groupOf(message)));
    while (quiet.length > 0) yield* takeOne(quiet);
    while (lines.size > 0) {
      const [group, line] = [...lines].reduce((least, each) =>
        use.inFlightOf(each[0]) < use.inFlightOf(least[0]) ? each : least,
      );
      yield* takeOne(line);
      if (line.length === 0) lines.delete(group);
    }
  };
}

/**
 * The waiting messages of each noisy group. A group without waiting messages has no backlog, so it is quiet and is not included. Only
 * groups that may be noisy are examined, because thousands of messages may wait, and this runs whenever messages are received.
 */
function noisyLines(queue: SqsQueue, use: GroupUse, before: ReadonlySet<string>): Map<string, SqsMessage[]> {
  const suspects = new Set([...before, ...use.greedyGroups()]);
  if (suspects.size === 0) return new Map();
  const waiting = Map.groupBy(
    queue.messages.filter((message) => suspects.has(groupOf(message))),
    groupOf,
  );
  const newestSentMs = (messages: SqsMessage[]) =>
    messages.reduce((newest, { sentTimestamp }) => Math.max(newest, sentTimestamp), 0);
  const isNoisy = ([group, messages]: [string, SqsMessage[]]) =>
    use.isNoisy(group, newestSentMs(messages), before.has(group));
  return new Map([...waiting].filter(isNoisy));
}
