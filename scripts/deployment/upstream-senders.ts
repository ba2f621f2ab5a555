import * as z from 'zod';

/** Who may send in addition to the account of the deployment (docs/connect.md). */
export interface UpstreamSenders {
  /** The ids of other accounts. */
  accounts: readonly string[];
  /** The name of an event bus; empty if there is none. */
  eventBus: string;
  stage: string;
}

/** The resources that infrastructure/event-bus.yml declares. */
const FOR_EVENT_BUS = [
  'RoomRequestedRule',
  'LiveEventsRule',
  'EventBusDeadLetterQueue',
  'EventBusDeadLetterQueuePolicy',
  'EventBusDeadLettersAlarm',
];

const queuePolicySchema = z.looseObject({
  Properties: z.looseObject({ PolicyDocument: z.looseObject({ Statement: z.array(z.unknown()) }) }),
});
const partsSchema = z.record(z.string(), z.unknown());
const templateSchema = z.looseObject({ Resources: partsSchema, Outputs: partsSchema.default({}) });
type Template = z.output<typeof templateSchema>;

/**
 * A compiled template in which the accounts, their topics and the rules of the event bus may send. If there is no event bus, the rules and
 * the resources that belong to them are left out.
 * @throws z.ZodError if the template has no policy for the queues
 */
export function withUpstreamSenders(template: unknown, { accounts, eventBus, stage }: UpstreamSenders): Template {
  const { Resources, Outputs, ...rest } = templateSchema.parse(template);
  const rules = eventBus === '' ? [] : [rulesMaySend(eventBus, stage)];
  const senders = accounts.length === 0 ? [] : [accountsMaySend(accounts), topicsMaySend(accounts)];
  const resources = {
    ...Resources,
    RequestQueuePolicy: extended(Resources.RequestQueuePolicy, [...senders, ...rules]),
    EventBusDeadLetterQueuePolicy: extended(Resources.EventBusDeadLetterQueuePolicy, rules),
  };
  const isKept = ([id]: [string, unknown]) => eventBus !== '' || !FOR_EVENT_BUS.includes(id);
  return {
    ...rest,
    Resources: Object.fromEntries(Object.entries(resources).filter(isKept)),
    Outputs: Object.fromEntries(Object.entries(Outputs).filter(isKept)),
  };
}

/** The distinct account ids in a parameter. */
export function accountsIn(parameter: unknown): string[] {
  const ids = String(parameter).split(',');
  return [...new Set(ids.map((id) => id.trim()))].filter((id) => id !== '');
}

/** Each account decides which of its roles and users may send. A pipe, or a rule on its event bus, sends with one of these roles. */
function accountsMaySend(accounts: readonly string[]) {
  const roots = accounts.map((id) => sub(`arn:\${AWS::Partition}:iam::${id}:root`));
  return maySend('UpstreamAccounts', { AWS: roots });
}

/** A topic sends as the SNS service, and not with a role in its account. */
function topicsMaySend(accounts: readonly string[]) {
  const topics = accounts.map((id) => sub(`arn:\${AWS::Partition}:sns:*:${id}:*`));
  const Condition = { ArnLike: { 'aws:SourceArn': topics } };
  return { ...maySend('TopicsOfUpstreamAccounts', { Service: 'sns.amazonaws.com' }), Condition };
}

/**
 * The ARNs are built from the names, because the policies must exist before the rules. The ARN of a rule names its bus, except the default
 * one.
 */
function rulesMaySend(eventBus: string, stage: string) {
  const path = eventBus === 'default' ? 'rule' : `rule/${eventBus}`;
  const names = [`greenroom-${stage}-room-requested`, `greenroom-${stage}-live-events`];
  const arns = names.map((name) =>
    sub(`arn:\${AWS::Partition}:events:\${AWS::Region}:\${AWS::AccountId}:${path}/${name}`),
  );
  const Condition = { ArnEquals: { 'aws:SourceArn': arns } };
  return { ...maySend('RulesOfTheEventBus', { Service: 'events.amazonaws.com' }), Condition };
}

function maySend(Sid: string, Principal: object) {
  return { Sid, Effect: 'Allow', Principal, Action: 'sqs:SendMessage', Resource: '*' };
}

/** A queue has a single policy, so the statements must become part of it. */
function extended(queuePolicy: unknown, statements: object[]) {
  const { Properties, ...rest } = queuePolicySchema.parse(queuePolicy);
  const { PolicyDocument } = Properties;
  const Statement = [...PolicyDocument.Statement, ...statements];
  return { ...rest, Properties: { ...Properties, PolicyDocument: { ...PolicyDocument, Statement } } };
}

function sub(text: string) {
  return { 'Fn::Sub': text };
}
