import type { SqsQueue } from './fauxqs-types.ts';

/**
 * The longest time for which a message is not noticed if it became visible without a timer, such as a message that was received with a
 * visibility timeout of 0.
 */
const LONGEST_PAUSE_MS = 250;

/**
 * Resolves when the queue may have messages, after `waitMs`, or when the caller has disconnected.
 *
 * fauxqs's own function looks for messages that have become visible 50 times a second. A stack with eight idle queues used several per cent
 * of a processor for that. This function looks only when the next message is due.
 */
export function waitForMessages(queue: SqsQueue, waitMs: number, gone: AbortSignal): Promise<void> {
  const endMs = Date.now() + waitMs;
  const { promise, resolve } = Promise.withResolvers<void>();
  // fauxqs calls `resolve` of the waiters when a message is sent or has become visible.
  const waiter = { resolve: end, timer: setTimeout(look, pauseMs(queue, endMs)) };

  function look(): void {
    queue.processTimers();
    if (Date.now() >= endMs) end();
    else if (queue.pollWaiters.includes(waiter)) waiter.timer = setTimeout(look, pauseMs(queue, endMs));
  }

  function end(): void {
    clearTimeout(waiter.timer);
    gone.removeEventListener('abort', end);
    queue.pollWaiters = queue.pollWaiters.filter((each) => each !== waiter);
    resolve();
  }

  queue.pollWaiters.push(waiter);
  gone.addEventListener('abort', end, { once: true });
  return promise;
}

/** How long to wait before the next check: until a hidden message is due or the wait ends, but at most `LONGEST_PAUSE_MS`. */
function pauseMs({ inflightMessages, delayedMessages }: SqsQueue, endMs: number): number {
  let dueMs = Math.min(endMs, Date.now() + LONGEST_PAUSE_MS);
  for (const { visibilityDeadline } of inflightMessages.values()) dueMs = Math.min(dueMs, visibilityDeadline);
  for (const { delayUntil = dueMs } of delayedMessages) dueMs = Math.min(dueMs, delayUntil);
  return Math.max(1, dueMs - Date.now());
}
