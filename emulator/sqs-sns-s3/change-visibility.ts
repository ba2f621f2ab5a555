import * as z from 'zod';
import type { SqsQueue } from './fauxqs-types.ts';
import { MAX_VISIBILITY_TIMEOUT_SECONDS } from './receive-message.ts';
import { batchEntries, performBatch, queueOf, type SqsAction, type SqsContext } from './sqs-action.ts';
import { invalidParameter, parseInput, SqsError } from './sqs-error.ts';

const changeSchema = z.object({
  ReceiptHandle: z.string(),
  VisibilityTimeout: z.int().min(0).max(MAX_VISIBILITY_TIMEOUT_SECONDS),
});

export const changeMessageVisibility: SqsAction = (input, context) =>
  change(queueOf(context.store, input), input, context);

export const changeMessageVisibilityBatch: SqsAction = (input, context) => {
  const queue = queueOf(context.store, input);
  return performBatch(batchEntries(input), (entry) => change(queue, entry, context));
};

function change(queue: SqsQueue, input: unknown, { receivedAtMs }: SqsContext): object {
  const { ReceiptHandle, VisibilityTimeout } = parseInput(changeSchema, input);
  queue.processTimers();
  const message = queue.inflightMessages.get(ReceiptHandle)?.message;
  if (!message)
    throw new SqsError('MessageNotInflight', 'The message is not available for a visibility timeout change.');
  if (VisibilityTimeout === 0) {
    makeVisible(queue, ReceiptHandle);
    return {};
  }
  const nowMs = Date.now();
  const heldMs = nowMs - (receivedAtMs.get(message) ?? nowMs);
  if (heldMs + VisibilityTimeout * 1000 > MAX_VISIBILITY_TIMEOUT_SECONDS * 1000)
    throw invalidParameter(
      `Value ${VisibilityTimeout} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [${MAX_VISIBILITY_TIMEOUT_SECONDS} seconds]`,
    );
  queue.changeVisibility(ReceiptHandle, VisibilityTimeout);
  return {};
}

/** Replaces fauxqs's own function, which fails when its data is on disk: it sets the stored receive count to null. */
function makeVisible(queue: SqsQueue, receiptHandle: string): void {
  const message = queue.inflightMessages.get(receiptHandle)?.message;
  if (!message) return;
  queue.inflightMessages.delete(receiptHandle);
  queue.persistence?.insertMessage(queue.name, message);
  queue.messages.push(message);
  // This wakes waiting receivers.
  queue.processTimers();
}
