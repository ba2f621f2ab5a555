import { nameSchema, parseInput } from '../schedule.ts';
import { groupArn, type SchedulerAction } from '../scheduler-action.ts';
import { SchedulerError } from '../scheduler-error.ts';

export const createScheduleGroup: SchedulerAction = ({ name }, context) => {
  const group = parseInput(nameSchema, name);
  if (context.store.groups().includes(group))
    throw new SchedulerError('ConflictException', `Schedule group ${group} already exists.`);
  context.store.putGroup(group);
  return { ScheduleGroupArn: groupArn(context, group) };
};
