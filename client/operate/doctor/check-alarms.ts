import { ask, attemptEach } from './ask.ts';
import type { ExaminedStage } from './examined-stage.ts';
import { type FindingName, finding, type Observation, someOf } from './finding.ts';
import { listSubscriptions } from './subscriptions.ts';

/** "AlarmNames: Array Members: Maximum number of 100 items":
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html */
const MAX_ALARM_NAMES = 100;

interface Alarm {
  name: string;
  isOn: boolean;
  hasActionsEnabled: boolean;
  actions: readonly string[];
}

/** Whether somebody hears of the stack's alarms. */
export async function checkAlarms(stage: ExaminedStage): Promise<Observation[]> {
  const declared = await listDeclared(stage);
  const alarms = await readAlarms(stage, declared);
  const read = new Set(alarms.map(({ name }) => name));
  const namesOf = (isAffected: (alarm: Alarm) => boolean) => alarms.filter(isAffected).map(({ name }) => name);
  return [
    ...about(
      'alarms-missing',
      declared.filter((name) => !read.has(name)),
      {
        what: 'were deleted outside of the stack',
        remedy:
          'A deployment does not notice this: remove the alarms from the template and deploy, then deploy the whole template again',
      },
    ),
    ...about(
      'alarm-on',
      namesOf(({ isOn }) => isOn),
      {
        what: 'are in the state ALARM',
        remedy: 'docs/operations.md, Alarms, says what each of them means and what to do',
      },
    ),
    ...about(
      'alarm-actions-disabled',
      namesOf(({ hasActionsEnabled }) => !hasActionsEnabled),
      {
        what: 'have their actions disabled',
        remedy: 'aws cloudwatch enable-alarm-actions --alarm-names NAMES',
      },
    ),
    ...about(
      'alarm-without-action',
      namesOf(({ actions }) => actions.length === 0),
      {
        what: 'have no action, so that nobody is told',
        remedy: 'Deploy with the parameter alarmEmail or alarmTopicArn (docs/operations.md, Alarms)',
      },
    ),
    ...(await checkTopics(stage, alarms)),
  ];
}

function about(
  name: FindingName,
  alarms: readonly string[],
  { what, remedy }: { what: string; remedy: string },
): Observation[] {
  if (alarms.length === 0) return [];
  return [finding(name, `${alarms.length} alarms ${what}: ${someOf(alarms)}`, remedy)];
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
    const answer = await ask('cloudwatch:DescribeAlarms', () =>
      clients.cloudWatch.describeAlarms({
        AlarmNames,
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        MaxRecords: MAX_ALARM_NAMES,
      }),
    );
    for (const each of [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])])
      alarms.push({
        name: each.AlarmName ?? '',
        isOn: each.StateValue === 'ALARM',
        hasActionsEnabled: each.ActionsEnabled ?? true,
        actions: each.AlarmActions ?? [],
      });
  }
  return alarms;
}

/** Whether each topic of the alarms has a subscriber. Actions of other kinds need none. */
function checkTopics(stage: ExaminedStage, alarms: readonly Alarm[]): Promise<Observation[]> {
  const isTopic = (arn: string) => /^arn:[^:]+:sns:/.test(arn);
  const topics = [...new Set(alarms.flatMap(({ actions }) => actions))].filter(isTopic);
  return attemptEach(
    topics,
    (arn) => `the alarm topic ${arn}`,
    async (arn) => {
      const subscriptions = await listSubscriptions(stage, arn);
      if (subscriptions === undefined)
        return [
          finding(
            'alarm-topic-missing',
            `The alarms publish to ${arn}, which does not exist`,
            'Create the topic, or deploy with another alarm topic',
          ),
        ];
      if (subscriptions.some(({ isConfirmed }) => isConfirmed)) return [];
      const waiting = subscriptions.map(({ endpoint }) => endpoint);
      const what = waiting.length === 0 ? 'has no subscription' : `waits for the confirmation of ${someOf(waiting)}`;
      return [
        finding(
          'alarm-topic-without-subscription',
          `The alarm topic ${arn} ${what}: nobody is told of an alarm`,
          waiting.length === 0
            ? `aws sns subscribe --topic-arn ${arn} --protocol email --notification-endpoint ADDRESS`
            : 'Confirm the subscription with the link in the message that SNS sent, or subscribe again',
        ),
      ];
    },
  );
}
