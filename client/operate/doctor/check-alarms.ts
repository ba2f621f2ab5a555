import { callAws } from './call-aws.ts';
import { checkAlarmTopics } from './check-alarm-topics.ts';
import type { ExaminedStage } from './examined-stage.ts';
import { counted, type FindingName, finding, firstFew, type Observation } from './finding.ts';

/** "AlarmNames: Array Members: Maximum number of 100 items":
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html */
const MAX_ALARM_NAMES = 100;

interface Alarm {
  name: string;
  isOn: boolean;
  hasActionsEnabled: boolean;
  actions: readonly string[];
}

const PROBLEMS = {
  'alarms-missing': {
    what: 'deleted without CloudFormation',
    remedy:
      'A deployment does not recreate them: remove the alarms from the template and deploy, then deploy the whole template again',
  },
  'alarm-on': {
    what: 'in the state ALARM',
    remedy: 'Read in docs/operations.md, Alarms, what each alarm means and what to do',
  },
  'alarm-actions-disabled': {
    what: 'with disabled actions',
    remedy: 'aws cloudwatch enable-alarm-actions --alarm-names NAMES',
  },
  'alarm-without-action': {
    what: 'without an action, so no one is notified',
    remedy: 'Deploy with the parameter alarmEmail or alarmTopicArn (docs/operations.md, Alarms)',
  },
} satisfies Partial<Record<FindingName, { what: string; remedy: string }>>;

/** Whether the stack's alarms exist, are not in the state ALARM, and notify someone. */
export async function checkAlarms(stage: ExaminedStage): Promise<Observation[]> {
  const declared = await listDeclared(stage);
  const alarms = await readAlarms(stage, declared);
  const read = new Set(alarms.map(({ name }) => name));
  const namesOf = (isAffected: (alarm: Alarm) => boolean) => alarms.filter(isAffected).map(({ name }) => name);
  return [
    ...about(
      'alarms-missing',
      declared.filter((name) => !read.has(name)),
    ),
    ...about(
      'alarm-on',
      namesOf(({ isOn }) => isOn),
    ),
    ...about(
      'alarm-actions-disabled',
      namesOf(({ hasActionsEnabled }) => !hasActionsEnabled),
    ),
    ...about(
      'alarm-without-action',
      namesOf(({ actions }) => actions.length === 0),
    ),
    ...(await checkAlarmTopics(stage, topicsOf(alarms))),
  ];
}

function about(name: keyof typeof PROBLEMS, alarms: readonly string[]): Observation[] {
  if (alarms.length === 0) return [];
  const { what, remedy } = PROBLEMS[name];
  return [finding(name, `${counted(alarms.length, 'alarm')} ${what}: ${firstFew(alarms)}`, remedy)];
}

async function listDeclared(stage: ExaminedStage): Promise<string[]> {
  const types = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'];
  const resources = await Promise.all(types.map((type) => stage.resources(type)));
  // The physical id of a composite alarm is its ARN, that of a metric alarm its name.
  return resources.flat().map(({ physicalId }) => physicalId.split(':alarm:').at(-1) ?? physicalId);
}

async function readAlarms({ clients }: ExaminedStage, names: readonly string[]): Promise<Alarm[]> {
  const alarms: Alarm[] = [];
  for (let start = 0; start < names.length; start += MAX_ALARM_NAMES) {
    const AlarmNames = names.slice(start, start + MAX_ALARM_NAMES);
    const response = await callAws('cloudwatch:DescribeAlarms', () =>
      clients.cloudWatch.describeAlarms({
        AlarmNames,
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        MaxRecords: MAX_ALARM_NAMES,
      }),
    );
    for (const each of [...(response.MetricAlarms ?? []), ...(response.CompositeAlarms ?? [])])
      alarms.push({
        name: each.AlarmName ?? '',
        isOn: each.StateValue === 'ALARM',
        hasActionsEnabled: each.ActionsEnabled ?? true,
        actions: each.AlarmActions ?? [],
      });
  }
  return alarms;
}

/** The topics of the alarms. Actions of other kinds need no subscriber. */
function topicsOf(alarms: readonly Alarm[]): string[] {
  const actions = new Set(alarms.flatMap((alarm) => alarm.actions));
  return [...actions].filter((arn) => /^arn:[^:]+:sns:/.test(arn));
}
