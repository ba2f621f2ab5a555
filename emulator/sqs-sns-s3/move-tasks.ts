import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { deadLetterSourceOf, redriveOf } from './dead-letters.ts';
import { createMessage } from './fauxqs.ts';
import type { SqsMessage, SqsQueue, SqsStore } from './fauxqs-types.ts';
import { SqsError } from './sqs-error.ts';

/** SQS's quota. The emulator also uses it as the default rate. */
export const MAX_MOVES_PER_SECOND = 500;

export interface MoveTask {
  handle: string;
  sourceArn: string;
  /** Undefined: each message returns to the queue that it came from. */
  destinationArn: string | undefined;
  movesPerSecond: number | undefined;
  /** The sender id of the caller that started the task. */
  senderId: string;
  status: 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';
  failureReason?: string;
  moved: number;
  toMove: number;
  startedMs: number;
}

export interface MoveTasks {
  start(request: Pick<MoveTask, 'sourceArn' | 'destinationArn' | 'movesPerSecond' | 'senderId'>): MoveTask;
  /** The newest first. */
  list(sourceArn: string): MoveTask[];
  cancel(handle: string): MoveTask;
  close(): void;
}

/** Tasks run in the background and end with the process. Messages that they have not moved stay in their queue. */
export function createMoveTasks(store: SqsStore): MoveTasks {
  const tasks: { task: MoveTask; stop: AbortController }[] = [];

  return {
    start(request) {
      const source = requireDeadLetterQueue(store, request.sourceArn);
      if (tasks.some(({ task }) => task.sourceArn === request.sourceArn && task.status === 'RUNNING'))
        throw new SqsError('UnsupportedOperation', 'There is already a task running for this queue.');
      const task: MoveTask = {
        ...request,
        handle: Buffer.from(JSON.stringify({ taskId: randomUUID(), sourceArn: source.arn })).toString('base64'),
        status: 'RUNNING',
        moved: 0,
        toMove: source.messages.length,
        startedMs: Date.now(),
      };
      const stop = new AbortController();
      tasks.unshift({ task, stop });
      void run(task, source, store, stop.signal);
      return task;
    },
    list: (sourceArn) => tasks.filter(({ task }) => task.sourceArn === sourceArn).map(({ task }) => task),
    cancel(handle) {
      const found = tasks.find(({ task }) => task.handle === handle && task.status === 'RUNNING');
      if (!found) throw new SqsError('ResourceNotFoundException', 'There is no such running task.');
      found.stop.abort();
      found.task.status = 'CANCELLED';
      return found.task;
    },
    close() {
      for (const { stop } of tasks) stop.abort();
    },
  };
}

function requireDeadLetterQueue(store: SqsStore, arn: string): SqsQueue {
  const queue = store.getQueueByArn(arn);
  if (!queue) throw new SqsError('ResourceNotFoundException', 'The source queue does not exist.');
  if (![...store.allQueues()].some((each) => redriveOf(each, store)?.deadLetterQueue === queue))
    throw new SqsError('InvalidParameterValue', 'Source queue must be configured as a Dead Letter Queue.');
  return queue;
}

async function run(task: MoveTask, source: SqsQueue, store: SqsStore, stop: AbortSignal): Promise<void> {
  source.processTimers();
  for (let message = source.messages[0]; message && !stop.aborted; message = source.messages[0]) {
    const destination = store.getQueueByArn(task.destinationArn ?? deadLetterSourceOf(message) ?? '');
    if (!destination) {
      task.status = 'FAILED';
      task.failureReason = 'CouldNotDetermineMessageSource';
      return;
    }
    moveAsNewMessage(message, source, destination, task.senderId);
    task.moved += 1;
    const pauseMs = 1000 / (task.movesPerSecond ?? MAX_MOVES_PER_SECOND);
    await delay(pauseMs, undefined, { ref: false, signal: stop }).catch(() => 'stopped');
  }
  if (!stop.aborted) task.status = 'COMPLETED';
}

/**
 * As in SQS, a moved message is a new message: it has a new id, is sent now and was never received. AWS does not document its sender. In the
 * emulator, the sender is the caller that started the task, so that a moved message is no longer trusted as a message of its first sender. A
 * crash between the two steps leaves the message in both queues, and never loses it.
 */
function moveAsNewMessage(message: SqsMessage, source: SqsQueue, destination: SqsQueue, senderId: string): void {
  const { body, messageAttributes: attributes, messageGroupId: groupId } = message;
  destination.enqueue(createMessage({ body, senderId, attributes, groupId }));
  source.messages = source.messages.filter((each) => each !== message);
  source.persistence?.deleteMessage(message.messageId);
}
