import type { EventSourceMappingConfiguration, FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { Template } from '../../../emulator/template/read-template.ts';

/** The state from which the fake endpoint answers. Only a test changes it. */
export interface FakeAccount {
  accountId: string;
  region: string;
  callerArn: string;
  /** Undefined: there is no such stack. */
  stack: FakeStack | undefined;
  /** Functions by region and name. */
  functions: Map<string, FakeFunction>;
  /** By UUID. */
  mappings: Map<string, EventSourceMappingConfiguration>;
  /** The rules of EventBridge, by name. */
  rules: Map<string, { State: string; ScheduleExpression?: string }>;
  unreservedConcurrency: number;
  alarms: Map<string, FakeAlarm>;
  /** By region. `defaults` has every quota, `applied` only those with a value of their own. */
  quotas: (region: string) => { applied: FakeQuota[]; defaults: FakeQuota[] };
  /** By name. */
  tables: Map<string, { isProtected: boolean; hasBackups: boolean }>;
  /** Attributes that replace those of the embedded stack's queues, by name; undefined removes one. */
  queueAttributes: Map<string, Record<string, string | undefined>>;
  /** The queues that should be missing. */
  missingQueues: Set<string>;
  /** The topics that the embedded stack does not have, by ARN. */
  topics: Map<string, FakeTopic>;
  /** The states of logging configurations that are not ACTIVE, by ARN. */
  loggingStates: Map<string, string>;
  /** The actions that the caller may not use, as IAM names them. */
  denied: Set<string>;
  /** Makes every call fail like this, for example with ExpiredToken. */
  refusedCredentials: string | undefined;
  /** The metric ApproximateAgeOfOldestMessage in seconds, by the name of the queue. */
  agesOfOldest: Map<string, number>;
  /** Every action that was called so far, as IAM names it. */
  called: Set<string>;
}

export interface FakeStack {
  name: string;
  status: string;
  isProtected: boolean;
  outputs: Record<string, string>;
  resources: { logicalId: string; physicalId: string; type: string }[];
}

/** `policy`: the resource policy by qualifier; the empty qualifier is the function itself. */
export interface FakeFunction extends FunctionConfiguration {
  policies?: Record<string, string>;
  reserved?: number;
}

export interface FakeTopic {
  subscriptions: { Protocol: string; Endpoint: string; SubscriptionArn: string }[];
  attributes: Record<string, string>;
}

export interface FakeAlarm {
  StateValue: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  ActionsEnabled: boolean;
  AlarmActions: string[];
  isComposite: boolean;
}

export interface FakeQuota {
  QuotaName: string;
  Value: number;
}

export const functionKey = (region: string, name: string) => `${region} ${name}`;

interface Deployed {
  template: Template;
  outputs: Record<string, string>;
  accountId: string;
  region: string;
  stackName: string;
}

/** The account in which a template was deployed without mistakes, with alarms that notify a recipient. */
export function healthyAccount({ template, outputs, accountId, region, stackName }: Deployed): FakeAccount {
  const topicArn = `arn:aws:sns:${region}:${accountId}:on-call`;
  const resources = Object.entries(template.Resources).map(([logicalId, { Type, Properties }], index) => ({
    logicalId,
    type: Type,
    physicalId: physicalIdOf(logicalId, Type, Properties, { index, stackName }),
  }));
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const declared = (logicalId: string) => template.Resources[logicalId]?.Properties ?? {};
  const account: FakeAccount = {
    accountId,
    region,
    callerArn: `arn:aws:sts::${accountId}:assumed-role/operators/me`,
    stack: { name: stackName, status: 'UPDATE_COMPLETE', isProtected: true, outputs: { ...outputs }, resources },
    functions: new Map(),
    mappings: new Map(),
    rules: new Map(),
    unreservedConcurrency: 1_000,
    alarms: new Map(),
    quotas: () => ({ applied: [], defaults: [{ QuotaName: 'Rooms', Value: 50_000 }] }),
    tables: new Map(),
    queueAttributes: new Map(),
    missingQueues: new Set(),
    topics: new Map([
      [
        topicArn,
        {
          subscriptions: [{ Protocol: 'email', Endpoint: 'on-call@example.com', SubscriptionArn: `${topicArn}:1` }],
          attributes: { Policy: openToCloudWatch(accountId) },
        },
      ],
    ]),
    loggingStates: new Map(),
    denied: new Set(),
    refusedCredentials: undefined,
    agesOfOldest: new Map(),
    called: new Set(),
  };
  for (const { physicalId } of ofType('AWS::CloudWatch::Alarm')) account.alarms.set(physicalId, alarm(topicArn, false));
  for (const { physicalId } of ofType('AWS::CloudWatch::CompositeAlarm'))
    account.alarms.set(physicalId.split(':alarm:').at(-1) ?? '', alarm(topicArn, true));
  for (const { physicalId } of ofType('AWS::DynamoDB::Table'))
    account.tables.set(physicalId, { isProtected: true, hasBackups: true });
  for (const { logicalId, physicalId } of ofType('AWS::Lambda::Function'))
    account.functions.set(functionKey(region, physicalId), {
      FunctionName: physicalId,
      State: 'Active',
      Timeout: 3,
      Environment: { Variables: plainTexts(Object(declared(logicalId).Environment).Variables) },
    });
  for (const { logicalId, physicalId } of ofType('AWS::Events::Rule')) {
    const { ScheduleExpression } = declared(logicalId);
    account.rules.set(physicalId, {
      State: 'ENABLED',
      ...(typeof ScheduleExpression === 'string' && { ScheduleExpression }),
    });
  }
  for (const { logicalId, physicalId } of ofType('AWS::Lambda::EventSourceMapping')) {
    const { FunctionName, EventSourceArn, ScalingConfig, FunctionResponseTypes } = declared(logicalId);
    account.mappings.set(physicalId, {
      UUID: physicalId,
      State: 'Enabled',
      FunctionArn: `arn:aws:lambda:${region}:${accountId}:function:${nameOf(declared(target(FunctionName)))}`,
      EventSourceArn: `arn:aws:sqs:${region}:${accountId}:${nameOf(declared(target(EventSourceArn)))}`,
      FunctionResponseTypes: FunctionResponseTypes as ['ReportBatchItemFailures'],
      ScalingConfig: ScalingConfig as { MaximumConcurrency: number },
    });
  }
  return account;
}

/** The variables whose values the template contains as texts. */
function plainTexts(variables: object = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (typeof value === 'object' ? [] : [[name, String(value)]])),
  );
}

function openToCloudWatch(accountId: string): string {
  const statement = {
    Effect: 'Allow',
    Principal: { Service: 'cloudwatch.amazonaws.com' },
    Action: 'sns:Publish',
    Resource: '*',
    Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
  };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

function alarm(topicArn: string, isComposite: boolean): FakeAlarm {
  return { StateValue: 'OK', ActionsEnabled: true, AlarmActions: [topicArn], isComposite };
}

/** The logical id in `{ "Fn::GetAtt": [logicalId, "Arn"] }`. */
function target(getAtt: unknown): string {
  return (getAtt as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'][0];
}

function nameOf(properties: Record<string, unknown>): string {
  return String(properties.FunctionName ?? properties.QueueName);
}

/** The physical id is a UUID for mappings, the ARN for composite alarms, and the name for all others that the doctor examines. */
function physicalIdOf(
  logicalId: string,
  type: string,
  properties: Record<string, unknown>,
  { index, stackName }: { index: number; stackName: string },
): string {
  if (type === 'AWS::Lambda::EventSourceMapping') return `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
  const name = properties.FunctionName ?? properties.TableName ?? properties.QueueName ?? properties.AlarmName;
  const generated = `${stackName}-${logicalId}-1A2B3C4D5E6F`;
  if (type === 'AWS::CloudWatch::CompositeAlarm')
    return `arn:aws:cloudwatch:eu-west-1:000000000000:alarm:${String(name ?? generated)}`;
  return typeof name === 'string' ? name : generated;
}
