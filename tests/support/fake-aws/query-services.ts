import * as z from 'zod';
import type { ProxiedAnswer } from '../loopback-proxy.ts';
import type { FakeAccount } from './account.ts';
import { AwsError, queryAnswer } from './answers.ts';

type Perform = (account: FakeAccount, parameters: Record<string, string>) => Record<string, unknown>;

interface Action {
  version: string;
  schema: z.ZodType;
  perform: Perform;
}

const STACK_PAGE = 100;

/** The actions of services with the Query protocol. Their schemas have the documented parameters, and refuse all others. */
const ACTIONS: Record<string, Action> = {
  GetCallerIdentity: {
    version: '2011-06-15',
    schema: z.strictObject({}),
    perform: ({ accountId, callerArn }) => ({ Arn: callerArn, UserId: 'AROA:me', Account: accountId }),
  },
  DescribeStacks: {
    version: '2010-05-15',
    schema: z.strictObject({ StackName: z.string(), NextToken: z.string().optional() }),
    perform: (account, { StackName = '' }) => {
      const { name, status, isProtected, outputs } = stackOf(account, StackName);
      const Outputs = Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue }));
      const StackId = `arn:aws:cloudformation:${account.region}:${account.accountId}:stack/${name}/1`;
      const stack = { StackId, StackName: name, StackStatus: status, CreationTime: '2026-01-01T00:00:00Z', Outputs };
      return { Stacks: [{ ...stack, EnableTerminationProtection: isProtected }] };
    },
  },
  ListStackResources: {
    version: '2010-05-15',
    schema: z.strictObject({ StackName: z.string(), NextToken: z.string().optional() }),
    // The answer has pages, as with AWS.
    perform: (account, { StackName = '', NextToken = '0' }) => {
      const { resources } = stackOf(account, StackName);
      const start = Number(NextToken);
      const page = resources.slice(start, start + STACK_PAGE);
      return {
        StackResourceSummaries: page.map(({ logicalId, physicalId, type }) => ({
          LogicalResourceId: logicalId,
          PhysicalResourceId: physicalId,
          ResourceType: type,
          ResourceStatus: 'CREATE_COMPLETE',
          LastUpdatedTimestamp: '2026-01-01T00:00:00Z',
        })),
        NextToken: start + STACK_PAGE < resources.length ? String(start + STACK_PAGE) : undefined,
      };
    },
  },
  GetMetricData: {
    version: '2010-08-01',
    schema: z
      .object({
        StartTime: z.string(),
        EndTime: z.string(),
        ScanBy: z.enum(['TimestampDescending', 'TimestampAscending']),
      })
      .catchall(z.string()),
    perform: ({ agesOfOldest }, parameters) => {
      const queues = Object.entries(parameters).filter(([name]) => name.endsWith('.Dimensions.member.1.Value'));
      return {
        MetricDataResults: queues.map(([name, queue]) => {
          const Id = parameters[name.replace('.MetricStat.Metric.Dimensions.member.1.Value', '.Id')];
          const age = agesOfOldest.get(queue);
          return { Id, StatusCode: 'Complete', Values: age === undefined ? [] : [age] };
        }),
      };
    },
  },
  DescribeAlarms: {
    version: '2010-08-01',
    schema: z
      .object({ MaxRecords: z.coerce.number().min(1).max(100).optional() })
      .catchall(z.string())
      .refine((given) =>
        Object.keys(given).every((name) => /^(MaxRecords|Alarm(Names|Types)\.member\.\d+)$/.test(name)),
      )
      .refine((given) => listed(given, 'AlarmNames').length <= 100),
    perform: ({ alarms }, parameters) => {
      const names = listed(parameters, 'AlarmNames');
      const types = listed(parameters, 'AlarmTypes');
      const found = names.flatMap((AlarmName) => {
        const known = alarms.get(AlarmName);
        return known === undefined ? [] : [{ AlarmName, ...known }];
      });
      const answer = (isComposite: boolean) =>
        found.filter((each) => each.isComposite === isComposite).map(({ isComposite: _, ...each }) => each);
      // "If you omit this parameter, only metric alarms are returned":
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
      return {
        MetricAlarms: types.length === 0 || types.includes('MetricAlarm') ? answer(false) : [],
        CompositeAlarms: types.includes('CompositeAlarm') ? answer(true) : [],
      };
    },
  },
};

export function queryAction(body: Buffer): string {
  return new URLSearchParams(body.toString('utf8')).get('Action') ?? '';
}

export function answerQuery(account: FakeAccount, body: Buffer): ProxiedAnswer {
  const { Action = '', Version, ...parameters } = Object.fromEntries(new URLSearchParams(body.toString('utf8')));
  const action = Object.hasOwn(ACTIONS, Action) ? ACTIONS[Action] : undefined;
  if (action === undefined || Version !== action.version)
    throw new Error(`The fake has no action ${Action} ${Version}`);
  const parsed = action.schema.safeParse(parameters);
  if (!parsed.success) throw new Error(`${Action}: ${z.prettifyError(parsed.error)}`);
  return queryAnswer(Action, action.perform(account, parameters));
}

function stackOf({ stack }: FakeAccount, name: string) {
  if (stack?.name === name) return stack;
  throw new AwsError('ValidationError', `Stack with id ${name} does not exist`);
}

function listed(parameters: Record<string, unknown>, name: string): string[] {
  return Object.entries(parameters).flatMap(([key, value]) =>
    key.startsWith(`${name}.member.`) ? [String(value)] : [],
  );
}
