import * as z from 'zod';
import { MAX_MOVES_PER_SECOND, type MoveTask } from './move-tasks.ts';
import type { SqsAction } from './sqs-action.ts';
import { parseInput } from './sqs-error.ts';

/** The maximum number of tasks that SQS lists in one call. */
const MAX_LISTED_TASKS = 10;

const startSchema = z.object({
  SourceArn: z.string(),
  DestinationArn: z.string().optional(),
  MaxNumberOfMessagesPerSecond: z.int().min(1).max(MAX_MOVES_PER_SECOND).optional(),
});
const listSchema = z.object({ SourceArn: z.string(), MaxResults: z.int().min(1).max(MAX_LISTED_TASKS).default(1) });
const cancelSchema = z.object({ TaskHandle: z.string() });

/** StartMessageMoveTask moves the dead letters of a queue in the background. */
export const startMessageMoveTask: SqsAction = (input, { moveTasks, senderId }) => {
  const { SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond } = parseInput(startSchema, input);
  const task = moveTasks.start({
    sourceArn: SourceArn,
    destinationArn: DestinationArn,
    movesPerSecond: MaxNumberOfMessagesPerSecond,
    senderId,
  });
  return { TaskHandle: task.handle };
};

/** ListMessageMoveTasks lists the newest task first, and includes tasks that have ended. */
export const listMessageMoveTasks: SqsAction = (input, { moveTasks }) => {
  const { SourceArn, MaxResults } = parseInput(listSchema, input);
  return { Results: moveTasks.list(SourceArn).slice(0, MaxResults).map(describe) };
};

export const cancelMessageMoveTask: SqsAction = (input, { moveTasks }) => ({
  ApproximateNumberOfMessagesMoved: moveTasks.cancel(parseInput(cancelSchema, input).TaskHandle).moved,
});

function describe(task: MoveTask): object {
  return {
    ...(task.status === 'RUNNING' && { TaskHandle: task.handle }),
    Status: task.status,
    SourceArn: task.sourceArn,
    DestinationArn: task.destinationArn,
    MaxNumberOfMessagesPerSecond: task.movesPerSecond,
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    FailureReason: task.failureReason,
    StartedTimestamp: task.startedMs,
  };
}
