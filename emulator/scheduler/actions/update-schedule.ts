import { dueAtMs, nameSchema, parseInput, scheduleInputSchema } from '../schedule.ts';
import { existing, type SchedulerAction } from '../scheduler-action.ts';

/** UpdateSchedule replaces the whole schedule. A schedule that has fired fires again at its new time. */
export const updateSchedule: SchedulerAction = ({ name, body }, context) => {
  const Name = parseInput(nameSchema, name);
  const { ClientToken, ...input } = parseInput(scheduleInputSchema, body);
  const { Arn, createdAtMs } = existing(context, input.GroupName, Name);
  const dueMs = dueAtMs(input.ScheduleExpression);
  context.store.put({
    ...input,
    Name,
    Arn,
    createdAtMs,
    modifiedAtMs: context.nowMs,
    dueAtMs: dueMs,
    firesAtMs: dueMs + context.lateMs(),
    done: false,
    failedAttempts: 0,
    retryAtMs: 0,
    ...(ClientToken !== undefined && { clientToken: ClientToken }),
  });
  return { ScheduleArn: Arn };
};
