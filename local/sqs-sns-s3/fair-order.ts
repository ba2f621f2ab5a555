import type { SqsMessage, SqsQueue } from './fauxqs.ts';

/**
 * How far a message may be overtaken within its group. SQS orders as well as it can and promises nothing; a window shows consumers
 * disorder without letting any message wait for ever.
 */
const ORDER_WINDOW = 10;

/** Yields the queue's waiting messages in the order of delivery and takes none of them out. */
export type DeliveryOrder = (queue: SqsQueue) => Generator<SqsMessage>;

/**
 * Groups in turn, the longest unserved first, so that a tenant with many messages does not hold up the others; random within a group.
 * Messages without a group are one group here; AWS takes each of them for a tenant of its own. Its fair queues aim at the same
 * and are not as exact.
 */
export function createDeliveryOrder(random: () => number): DeliveryOrder {
  const servedByQueue = new WeakMap<SqsQueue, Map<string, number>>();
  let turn = 0;

  return function* deliveryOrder(queue) {
    const served = servedByQueue.get(queue) ?? new Map<string, number>();
    servedByQueue.set(queue, served);
    const lastTurn = (group: string) => served.get(group) ?? 0;
    const line = [...Map.groupBy(queue.messages, ({ messageGroupId }) => messageGroupId ?? '')].sort(
      ([left], [right]) => lastTurn(left) - lastTurn(right),
    );
    for (let next = line.shift(); next; next = line.shift()) {
      const [group, messages] = next;
      const chosen = messages.splice(Math.floor(random() * Math.min(messages.length, ORDER_WINDOW)), 1);
      turn += 1;
      served.set(group, turn);
      if (messages.length > 0) line.push(next);
      yield* chosen;
    }
  };
}
