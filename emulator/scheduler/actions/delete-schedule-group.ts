import { nameSchema, parseInput } from '../schedule.ts';
import { DEFAULT_GROUP } from '../schedule-store.ts';
import { requireGroup, type SchedulerAction } from '../scheduler-action.ts';
import { invalid } from '../scheduler-error.ts';

/** DeleteScheduleGroup, with all of its schedules. */
export const deleteScheduleGroup: SchedulerAction = ({ name }, context) => {
  const group = parseInput(nameSchema, name);
  if (group === DEFAULT_GROUP) throw invalid('The default group cannot be deleted.');
  requireGroup(context, group);
  context.store.removeGroup(group);
  return {};
};
