import { dueAtMs, nameSchema, parseInput, scheduleInputSchema } from '../schedule.ts';
import { requireGroup, type SchedulerAction } from '../scheduler-action.ts';
import { SchedulerError } from '../scheduler-error.ts';

/** CreateSchedule. A repeated call with the same client token gets the response of the first one. */
export const createSchedule: SchedulerAction = ({ name, body }, context) => {
  const Name = parseInput(nameSchema, name);
  const { ClientToken, ...input } = parseInput(scheduleInputSchema, body);
  requireGroup(context, input.GroupName);
  const dueMs = dueAtMs(input.ScheduleExpression);
  const known = context.store.get(input.GroupName, Name);
  if (known && ClientToken !== undefined && known.clientToken === ClientToken) return { ScheduleArn: known.Arn };
  if (known) throw new SchedulerError('ConflictException', `Schedule ${Name} already exists.`);
  const Arn = `arn:aws:scheduler:${context.region}:${context.accountId}:schedule/${input.GroupName}/${Name}`;
  context.store.put({
    ...input,
    Name,
    Arn,
    createdAtMs: context.nowMs,
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
