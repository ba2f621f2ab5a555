import {
  ConflictException,
  CreateScheduleCommand,
  DeleteScheduleCommand,
  ResourceNotFoundException,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { sha256 } from '../contract/keys.ts';
import { LIVE_EVENT_DUE, type LiveEventOccasion } from '../contract/live-event-message.ts';
import type { LiveEventTimes } from '../contract/live-event-plan.ts';
import { reminderMessage } from '../contract/live-event-reminder.ts';
import { type BackoffPolicy, backoffMs } from '../platform/backoff.ts';
import { toMessageText } from '../platform/message-text.ts';
import type { LiveEventServices } from './live-event-services.ts';

type Scheduling = Pick<LiveEventServices, 'clients' | 'config'>;
type Arming = Scheduling & Pick<LiveEventServices, 'clock' | 'random'>;

/** The event to which a reminder refers. */
interface Reminded {
  live_event_id: string;
  revision: number;
  times: LiveEventTimes | undefined;
}

/** No schedule can be set, because the stage's schedule group was deleted. */
export class MissingScheduleGroupError extends Error {
  override readonly name = 'MissingScheduleGroupError';

  constructor(group: string, cause: unknown) {
    super(`The schedule group ${group} does not exist: create it again (docs/operations.md)`, { cause });
  }
}

/** The maximum values that the service allows, so that no message is lost if the queue cannot be reached for some time. */
const RETRY_POLICY = { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 };
const MAX_ATTEMPTS = 3;
const BACKOFF: BackoffPolicy = { baseMs: 250, capMs: 2_000 };

/** The name of a schedule. It contains a hash of the event's id, so that it stays within EventBridge Scheduler's limit of 64 characters. */
export function scheduleName(stage: string, liveEventId: string, occasion: LiveEventOccasion): string {
  return `${sha256(`${stage}/${liveEventId}`).slice(0, 40)}-${occasion}`;
}

/**
 * Sets the schedule for one occasion of an event: EventBridge Scheduler sends a message to the live-event queue at `atMs`. An earlier
 * schedule is replaced. Schedules are in UTC, because daylight saving time was resolved when the event was parsed.
 * @throws the service's errors
 */
export async function arm(
  event: Reminded,
  occasion: LiveEventOccasion,
  atMs: number,
  { clients, config, clock, random }: Arming,
  signal: AbortSignal,
): Promise<void> {
  const schedule = scheduleOf(event, occasion, atMs, config);
  for (let attempt = 1; ; attempt++) {
    try {
      await clients.scheduler.send(new CreateScheduleCommand(schedule));
      return;
    } catch (error) {
      if (!(error instanceof ConflictException) || attempt === MAX_ATTEMPTS) throw error;
    }
    try {
      await clients.scheduler.send(new UpdateScheduleCommand(schedule));
      return;
    } catch (error) {
      // The schedule has just fired, and EventBridge Scheduler has deleted it.
      if (!(error instanceof ResourceNotFoundException)) throw error;
    }
    await clock.sleep(backoffMs(attempt, BACKOFF, random), signal);
  }
}

/**
 * Sets the schedule for one occasion of an event, unless it exists. An existing schedule is not changed, because it may belong to a newer
 * revision than the caller knows.
 * @returns whether the schedule was missing
 * @throws MissingScheduleGroupError, and the other errors of the service
 */
export async function armIfMissing(
  event: Reminded,
  occasion: LiveEventOccasion,
  atMs: number,
  { clients, config }: Scheduling,
): Promise<boolean> {
  try {
    await clients.scheduler.send(new CreateScheduleCommand(scheduleOf(event, occasion, atMs, config)));
    return true;
  } catch (error) {
    if (error instanceof ConflictException) return false;
    // Only the group can be missing here: EventBridge Scheduler looks up the queues and the role only when the schedule fires.
    if (error instanceof ResourceNotFoundException) throw new MissingScheduleGroupError(config.schedules.group, error);
    throw error;
  }
}

function scheduleOf(
  { live_event_id: liveEventId, revision, times }: Reminded,
  occasion: LiveEventOccasion,
  atMs: number,
  { stage, schedules, liveEventsQueue }: LiveEventServices['config'],
) {
  const wholeSecond = new Date(Math.ceil(atMs / 1000) * 1000).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length);
  return {
    Name: scheduleName(stage, liveEventId, occasion),
    GroupName: schedules.group,
    ScheduleExpression: `at(${wholeSecond})`,
    ScheduleExpressionTimezone: 'UTC',
    FlexibleTimeWindow: { Mode: 'OFF' as const },
    ActionAfterCompletion: 'DELETE' as const,
    Target: {
      Arn: liveEventsQueue.arn,
      RoleArn: schedules.roleArn,
      Input: toMessageText(reminderMessage({ type: LIVE_EVENT_DUE, liveEventId, revision, occasion }, times)),
      RetryPolicy: RETRY_POLICY,
      DeadLetterConfig: { Arn: schedules.deadLetterQueueArn },
    },
  };
}

/** Deletes a schedule, if it still exists. */
export async function disarm(
  { live_event_id: liveEventId }: { live_event_id: string },
  occasion: LiveEventOccasion,
  { clients, config }: Scheduling,
): Promise<void> {
  const Name = scheduleName(config.stage, liveEventId, occasion);
  try {
    await clients.scheduler.send(new DeleteScheduleCommand({ Name, GroupName: config.schedules.group }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
}
