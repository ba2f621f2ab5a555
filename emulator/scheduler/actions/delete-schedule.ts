import { nameSchema, parseInput } from '../schedule.ts';
import { DEFAULT_GROUP } from '../schedule-store.ts';
import { existing, type SchedulerAction } from '../scheduler-action.ts';

export const deleteSchedule: SchedulerAction = ({ name, query }, context) => {
  const group = parseInput(nameSchema, query.get('groupName') ?? DEFAULT_GROUP);
  const { GroupName, Name } = existing(context, group, parseInput(nameSchema, name));
  context.store.remove(GroupName, Name);
  return {};
};
