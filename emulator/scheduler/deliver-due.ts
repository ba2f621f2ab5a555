import type { Schedule } from './schedule.ts';
import type { ScheduleStore } from './schedule-store.ts';

/**
 * Sends a schedule's message to the queue with this ARN, as the role of the schedule's target.
 * @throws the error of the queue or of assuming the role
 */
export type SendToQueue = (
  queueArn: string,
  body: string,
  attributes: Record<string, string> | undefined,
  schedule: Schedule,
) => Promise<void>;

export interface DeliverySettings {
  nowMs: number;
  send: SendToQueue;
  /** The share of schedules that fire twice, because the service promises only at-least-once delivery. */
  duplicateRate: number;
  /** 0 inclusive to 1 exclusive. */
  random: () => number;
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/** Fires every schedule that is due, even if it is long overdue. */
export async function deliverDue(store: ScheduleStore, settings: DeliverySettings): Promise<void> {
  const due = store
    .schedules()
    .filter((schedule) => schedule.State === 'ENABLED' && !schedule.done && nextAttemptMs(schedule) <= settings.nowMs)
    .sort((a, b) => nextAttemptMs(a) - nextAttemptMs(b));
  for (const schedule of due) await fire(schedule, store, settings);
}

/** When a schedule is next tried, whether for the first time or again. */
export function nextAttemptMs({ dueAtMs, firesAtMs = dueAtMs, retryAtMs }: Schedule): number {
  return Math.max(firesAtMs, retryAtMs);
}

async function fire(schedule: Schedule, store: ScheduleStore, settings: DeliverySettings): Promise<void> {
  const { Arn, Input } = schedule.Target;
  // The schedule may have been changed or deleted while earlier ones fired.
  const isAsSeen = () => store.get(schedule.GroupName, schedule.Name) === schedule;
  if (!isAsSeen()) return;
  try {
    await settings.send(Arn, Input, undefined, schedule);
    if (settings.random() < settings.duplicateRate) await settings.send(Arn, Input, undefined, schedule);
  } catch (error) {
    if (isAsSeen()) await retryOrGiveUp(schedule, store, settings, error);
    return;
  }
  if (isAsSeen()) complete(schedule, store);
}

function complete(schedule: Schedule, store: ScheduleStore): void {
  if (schedule.ActionAfterCompletion === 'DELETE') store.remove(schedule.GroupName, schedule.Name);
  else store.put({ ...schedule, done: true });
}

async function retryOrGiveUp(
  schedule: Schedule,
  store: ScheduleStore,
  { nowMs, send }: DeliverySettings,
  error: unknown,
): Promise<void> {
  const { RetryPolicy, DeadLetterConfig, Input } = schedule.Target;
  const failedAttempts = schedule.failedAttempts + 1;
  const isTooOld = nowMs - schedule.dueAtMs > RetryPolicy.MaximumEventAgeInSeconds * 1000;
  if (failedAttempts <= RetryPolicy.MaximumRetryAttempts && !isTooOld) {
    const delayMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** schedule.failedAttempts);
    store.put({ ...schedule, failedAttempts, retryAtMs: nowMs + delayMs });
    return;
  }
  if (DeadLetterConfig) await send(DeadLetterConfig.Arn, Input, attributesOf(schedule, error), schedule);
  complete(schedule, store);
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html */
function attributesOf(schedule: Schedule, error: unknown): Record<string, string> {
  return {
    SCHEDULE_ARN: schedule.Arn,
    TARGET_ARN: schedule.Target.Arn,
    RETRY_ATTEMPTS: String(schedule.failedAttempts),
    ERROR_CODE: error instanceof Error ? error.name : 'Unknown',
    ERROR_MESSAGE: error instanceof Error ? error.message : String(error),
  };
}
