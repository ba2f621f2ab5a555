import { attemptEach, callUnlessAbsent } from './call-aws.ts';
import type { ExaminedStage, StackResource } from './examined-stage.ts';
import { finding, type Observation } from './finding.ts';

/**
 * Whether the stack's EventBridge rules exist and are enabled. These are the schedules of functions, and the rules on an event bus of the
 * account.
 */
export async function checkRules(stage: ExaminedStage): Promise<Observation[]> {
  const rules = await stage.resources('AWS::Events::Rule');
  return attemptEach(
    rules,
    ({ logicalId }) => `the rule ${logicalId}`,
    (rule) => checkRule(rule, stage),
  );
}

async function checkRule({ logicalId, physicalId }: StackResource, stage: ExaminedStage): Promise<Observation[]> {
  const { clients, deployment } = stage;
  // The physical id of a rule on a bus other than `default` is `BUS|RULE`.
  const [Name = '', EventBusName] = physicalId.split('|').reverse();
  const bus = EventBusName === undefined ? {} : { EventBusName };
  const rule = await callUnlessAbsent('events:DescribeRule', ['ResourceNotFoundException'], () =>
    clients.eventBridge.describeRule({ Name, ...bus }),
  );
  if (rule === undefined)
    return [
      finding(
        'rule-missing',
        `The rule ${logicalId} was deleted without CloudFormation, so ${effectOf(logicalId, undefined)}`,
        'A deployment does not recreate it: remove the rule from the template and deploy, then deploy the whole template again',
      ),
    ];
  if (rule.State === undefined || rule.State.startsWith('ENABLED')) return [];
  const onBus = EventBusName === undefined ? '' : ` --event-bus-name ${EventBusName}`;
  return [
    finding(
      'rule-disabled',
      `The rule ${logicalId} is in the state ${rule.State}, so ${effectOf(logicalId, rule.ScheduleExpression)}`,
      `aws events enable-rule --name ${Name}${onBus} --region ${deployment.region}`,
    ),
  ];
}

/** The effect of a missing or disabled rule. The Serverless Framework names the rule of a schedule after its function. */
function effectOf(logicalId: string, schedule: string | undefined): string {
  const [, name] = /^(.+)EventsRuleSchedule\d+$/.exec(logicalId) ?? [];
  if (name === undefined && schedule === undefined) return 'events on the bus do not reach the queue';
  const functionName = name?.replaceAll('Dash', '-').toLowerCase() ?? 'its function';
  return `${functionName} does not run${schedule === undefined ? '' : `, although its schedule is ${schedule}`}`;
}
