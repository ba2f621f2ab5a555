import * as z from 'zod';
import { ACCOUNT_ID } from '../../account.ts';
import { DEFAULT_GROUP } from '../../scheduler/schedule-store.ts';
import { jsonBody, type ReadNeeded } from './needed.ts';

const inputSchema = z.object({
  GroupName: z.string().default(DEFAULT_GROUP),
  Target: z.object({ RoleArn: z.string().optional() }).optional(),
});
const OPERATIONS = new Map(Object.entries<string>({ POST: 'Create', PUT: 'Update', DELETE: 'Delete', GET: 'Get' }));

/**
 * Actions on schedules and on groups: https://docs.aws.amazon.com/service-authorization/latest/reference/list_scheduler.html. A caller that
 * passes a role to the service needs the permission to pass that role:
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/security_iam_id-based-policies.html
 */
export const neededByScheduler: ReadNeeded = (request) => {
  const [, collection, name] = request.path.split('/');
  const operation = OPERATIONS.get(request.method);
  const input = inputSchema.safeParse(jsonBody(request)).data;
  if (operation === undefined || !input) return [];
  const arn = `arn:aws:scheduler:${request.region}:${ACCOUNT_ID}:`;
  if (name === undefined || name === '')
    return [
      {
        action: `scheduler:List${collection === 'schedules' ? 'Schedules' : 'ScheduleGroups'}`,
        resource: `${arn}schedule/*/*`,
      },
    ];
  const named = decodeURIComponent(name);
  if (collection === 'schedule-groups')
    return [{ action: `scheduler:${operation}ScheduleGroup`, resource: `${arn}schedule-group/${named}` }];
  const group = request.query.get('groupName') ?? input.GroupName;
  const roleArn = input.Target?.RoleArn;
  return [
    { action: `scheduler:${operation}Schedule`, resource: `${arn}schedule/${group}/${named}` },
    ...(roleArn === undefined
      ? []
      : [{ action: 'iam:PassRole', resource: roleArn, context: { 'iam:passedtoservice': 'scheduler.amazonaws.com' } }]),
  ];
};
