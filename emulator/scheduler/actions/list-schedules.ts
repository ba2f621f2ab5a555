import * as z from 'zod';
import { nameSchema, parseInput } from '../schedule.ts';
import { requireGroup, type SchedulerAction } from '../scheduler-action.ts';

const querySchema = z.object({
  ScheduleGroup: nameSchema.optional(),
  NamePrefix: nameSchema.optional(),
  State: z.enum(['ENABLED', 'DISABLED']).optional(),
  NextToken: z.string().default(''),
  MaxResults: z.coerce.number().int().min(1).max(100).default(100),
});

/** ListSchedules. The schedules are ordered by group and name. A token names the last schedule of its page. */
export const listSchedules: SchedulerAction = ({ query }, context) => {
  const filter = parseInput(querySchema, Object.fromEntries(query));
  if (filter.ScheduleGroup !== undefined) requireGroup(context, filter.ScheduleGroup);
  const found = context.store
    .schedules()
    .filter(
      ({ GroupName, Name, State }) =>
        (filter.ScheduleGroup ?? GroupName) === GroupName &&
        Name.startsWith(filter.NamePrefix ?? '') &&
        (filter.State ?? State) === State,
    )
    .map((schedule) => ({ path: `${schedule.GroupName}/${schedule.Name}`, schedule }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const rest = found.filter(({ path }) => path > filter.NextToken);
  const page = rest.slice(0, filter.MaxResults);
  return {
    Schedules: page.map(({ schedule: { Arn, Name, GroupName, State, Target, createdAtMs, modifiedAtMs } }) => ({
      Arn,
      Name,
      GroupName,
      State,
      Target: { Arn: Target.Arn },
      CreationDate: createdAtMs / 1000,
      LastModificationDate: modifiedAtMs / 1000,
    })),
    ...(page.length < rest.length && { NextToken: page.at(-1)?.path }),
  };
};
