import { nameSchema, parseInput } from '../schedule.ts';
import { groupArn, requireGroup, type SchedulerAction } from '../scheduler-action.ts';

export const getScheduleGroup: SchedulerAction = ({ name }, context) => {
  const group = parseInput(nameSchema, name);
  requireGroup(context, group);
  return { Arn: groupArn(context, group), Name: group, State: 'ACTIVE' };
};
