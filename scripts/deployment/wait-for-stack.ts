import type { Clock } from '../../lib/platform/clock.ts';

/** A CloudFormation stack. */
export interface Stack {
  name: string;
  /** The stack's status, such as UPDATE_ROLLBACK_IN_PROGRESS; undefined if the stack does not exist. */
  status(): Promise<string | undefined>;
  /** When a queue of the stack was last deleted, in epoch milliseconds, if that was after `sinceMs`. */
  queueDeletedAtMs(sinceMs: number): Promise<number | undefined>;
}

export interface Waiting {
  clock: Clock;
  signal: AbortSignal;
  /** Reports why the deployment waits. */
  report(text: string): void;
}

/** The stack is in a state in which CloudFormation accepts no deployment. The message says what to do. */
export class StackNotReadyError extends Error {
  override readonly name = 'StackNotReadyError';
}

/**
 * "When you delete a queue, you must wait at least 60 seconds before creating a queue with the same name":
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html
 */
const NAME_HELD_MS = 60_000;
/** Allows for clock errors of this machine, and for deletions that CloudFormation records before they take effect. */
const MARGIN_MS = 15_000;
const POLL_EVERY_MS = 5_000;
/** A rollback deletes all resources that the deployment has created: at most about fifty. */
const MAX_CHANGE_MS = 30 * 60_000;

/**
 * Waits until a deployment can create its resources: until an earlier deployment or its rollback has ended, and SQS has released the names
 * of the queues that the rollback deleted. Without this wait, the new deployment would fail because of the earlier one.
 * @returns whether the last deployment was rolled back
 * @throws StackNotReadyError if waiting does not help
 */
export async function waitForStack(stack: Stack, { clock, signal, report }: Waiting): Promise<{ rolledBack: boolean }> {
  const status = await settledStatus(stack, { clock, signal, report });
  if (status === undefined) return { rolledBack: false };
  const remedy = remedyFor(status, stack.name);
  if (remedy !== undefined) throw new StackNotReadyError(`The stack ${stack.name} is in state ${status}: ${remedy}`);
  const rolledBack = status === 'UPDATE_ROLLBACK_COMPLETE';
  const nowMs = clock.nowMs();
  const deletedAtMs = await stack.queueDeletedAtMs(nowMs - NAME_HELD_MS - MARGIN_MS);
  if (deletedAtMs === undefined) return { rolledBack };
  // If the clock of this machine is wrong, the time may be in the future. A wait that is longer than this maximum is never necessary.
  const waitMs = Math.min(NAME_HELD_MS + MARGIN_MS, deletedAtMs + NAME_HELD_MS + MARGIN_MS - nowMs);
  report(
    `A rollback has just deleted queues, whose names SQS holds for a minute: waiting ${Math.ceil(waitMs / 1000)} s`,
  );
  await clock.sleep(waitMs, signal);
  return { rolledBack };
}

async function settledStatus(stack: Stack, { clock, signal, report }: Waiting): Promise<string | undefined> {
  const endMs = clock.nowMs() + MAX_CHANGE_MS;
  let told: string | undefined;
  for (;;) {
    const status = await stack.status();
    if (status === undefined || !/_IN_PROGRESS$/.test(status) || status === 'REVIEW_IN_PROGRESS') return status;
    if (clock.nowMs() > endMs)
      throw new StackNotReadyError(
        `The stack ${stack.name} has been in state ${status} for half an hour: see its events in the CloudFormation console, and deploy again when it has ended`,
      );
    if (status !== told) report(`The stack ${stack.name} is in state ${status}: waiting until it leaves this state`);
    told = status;
    await clock.sleep(POLL_EVERY_MS, signal);
  }
}

/** The remedy for a state in which CloudFormation accepts no deployment. */
function remedyFor(status: string, name: string): string | undefined {
  switch (status) {
    case 'UPDATE_ROLLBACK_FAILED':
      return `remove the cause that its events name, run "aws cloudformation continue-update-rollback --stack-name ${name}", and deploy again`;
    case 'REVIEW_IN_PROGRESS':
    case 'CREATE_FAILED':
    case 'ROLLBACK_COMPLETE':
    case 'ROLLBACK_FAILED':
    case 'DELETE_FAILED':
      return `it was never deployed, or only partly removed. Run "aws cloudformation delete-stack --stack-name ${name}", and deploy again. If that finds existing resources, docs/deployment.md says how to adopt or delete them`;
    default:
      return undefined;
  }
}
