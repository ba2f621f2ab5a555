import { nameSchema, parseInput } from '../schedule.ts';
import { DEFAULT_GROUP } from '../schedule-store.ts';
import { existing, type SchedulerAction } from '../scheduler-action.ts';

export const getSchedule: SchedulerAction = ({ name, query }, context) => {
  const group = parseInput(nameSchema, query.get('groupName') ?? DEFAULT_GROUP);
  const schedule = existing(context, group, parseInput(nameSchema, name));
  const { createdAtMs, modifiedAtMs, dueAtMs, firesAtMs, done, failedAttempts, retryAtMs, clientToken, ...shown } =
    schedule;
  return { ...shown, CreationDate: createdAtMs / 1000, LastModificationDate: modifiedAtMs / 1000 };
};
