import { inFlightOf, type SqsMessage, type SqsQueue } from './fauxqs.ts';
import { groupOf, type InFlightMessages } from './in-flight-messages.ts';

/**
 * How far a message may be overtaken. SQS orders as well as it can and promises nothing; a window shows consumers disorder without
 * letting any message wait for ever.
 */
const ORDER_WINDOW = 10;

/**
 * When a message group is a noisy neighbour, and when it no longer is:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
 */
const NOISY_SHARE = 0.1;
const NOISY_IN_FLIGHT = 30;
const QUIET_AFTER_MS = 5 * 60_000;

/** Yields the queue's waiting messages in the order of delivery and takes none of them out. */
export type DeliveryOrder = (queue: SqsQueue) => Generator<SqsMessage>;

/**
 * AWS's fair queues. Messages of quiet groups come first, in about the order of sending and not in turns; those of noisy groups come
 * when no quiet one waits, from the group with the fewest messages in flight.
 */
export function createDeliveryOrder(random: () => number): DeliveryOrder {
  const noisyOfQueue = new WeakMap<SqsQueue, ReadonlySet<string>>();
  const takeOne = (line: SqsMessage[]) => line.splice(Math.floor(random() * Math.min(line.length, ORDER_WINDOW)), 1);

  return function* deliveryOrder(queue) {
    const waiting = Map.groupBy(queue.messages, groupOf);
    const inFlight = inFlightOf(queue);
    const noisy = noisyAmong(waiting, inFlight, noisyOfQueue.get(queue) ?? new Set(), Date.now());
    noisyOfQueue.set(queue, noisy);

    const quiet = queue.messages.filter((message) => !noisy.has(groupOf(message)));
    while (quiet.length > 0) yield* takeOne(quiet);
    const lines = new Map([...waiting].filter(([group]) => noisy.has(group)));
    while (lines.size > 0) {
      const [group, line] = [...lines].reduce((least, each) =>
        inFlight.inFlightOf(each[0]) < inFlight.inFlightOf(least[0]) ? each : least,
      );
      yield* takeOne(line);
      if (line.length === 0) lines.delete(group);
    }
  };
}

/** A group without messages that wait is quiet, and so is one that has sent nothing for five minutes, however much of it waits. */
function noisyAmong(
  waiting: ReadonlyMap<string, SqsMessage[]>,
  inFlight: InFlightMessages,
  before: ReadonlySet<string>,
  nowMs: number,
): ReadonlySet<string> {
  const hasSentLately = (group: string, messages: SqsMessage[]) =>
    nowMs - inFlight.newestSentMsOf(group) < QUIET_AFTER_MS ||
    messages.some(({ sentTimestamp }) => nowMs - sentTimestamp < QUIET_AFTER_MS);
  const isNoisy = (group: string, messages: SqsMessage[]) =>
    (before.has(group) || takesTooMuch(group, inFlight)) && hasSentLately(group, messages);
  return new Set([...waiting].flatMap(([group, messages]) => (isNoisy(group, messages) ? group : [])));
}

function takesTooMuch(group: string, inFlight: InFlightMessages): boolean {
  const ofGroup = inFlight.inFlightOf(group);
  return (
    (ofGroup >= NOISY_IN_FLIGHT && ofGroup > NOISY_SHARE * inFlight.size) ||
    inFlight.shareOfRecentTime(group) > NOISY_SHARE
  );
}
