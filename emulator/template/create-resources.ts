import type { EventSourceMapping, LambdaDefinition, ScheduledRule } from '../lambda/definitions.ts';
import type { Template } from './read-template.ts';
import { type Created, resolve, type Scope } from './resolve.ts';
import { makeBucket } from './resources/bucket.ts';
import { makeEventInvokeConfig } from './resources/event-invoke-config.ts';
import { makeEventSourceMapping, makeFunction } from './resources/function.ts';
import type { Make, Making } from './resources/kind.ts';
import { makePermission } from './resources/permission.ts';
import { makeQueue } from './resources/queue.ts';
import { makeQueuePolicy } from './resources/queue-policy.ts';
import { makeBucketPolicy, makeTopicPolicy } from './resources/resource-policies.ts';
import { makeRole } from './resources/role.ts';
import { makeRule } from './resources/rule.ts';
import { makeScheduleGroup } from './resources/schedule-group.ts';
import { makeTable } from './resources/table.ts';
import { makeSubscription, makeTopic } from './resources/topic.ts';

const kinds = new Map(
  Object.entries<Make>({
    'AWS::SQS::Queue': makeQueue,
    'AWS::SQS::QueuePolicy': makeQueuePolicy,
    'AWS::IAM::Role': makeRole,
    'AWS::SNS::Topic': makeTopic,
    'AWS::SNS::TopicPolicy': makeTopicPolicy,
    'AWS::SNS::Subscription': makeSubscription,
    'AWS::DynamoDB::Table': makeTable,
    'AWS::S3::Bucket': makeBucket,
    'AWS::S3::BucketPolicy': makeBucketPolicy,
    'AWS::Scheduler::ScheduleGroup': makeScheduleGroup,
    'AWS::Events::Rule': makeRule,
    'AWS::Lambda::Function': makeFunction,
    'AWS::Lambda::EventInvokeConfig': makeEventInvokeConfig,
    'AWS::Lambda::EventSourceMapping': makeEventSourceMapping,
    'AWS::Lambda::Permission': makePermission,
  }),
);

/** Resources without an effect in the emulator. A reference to one of them resolves to its logical id. */
const SKIPPED = [
  'AWS::Logs::LogGroup',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Logs::QueryDefinition',
  'AWS::Lambda::Version',
  'AWS::Scheduler::Schedule',
];

export interface CreatedStack {
  outputs: Record<string, string>;
  functions: LambdaDefinition[];
  eventSourceMappings: EventSourceMapping[];
  scheduledRules: ScheduledRule[];
  /** The number of skipped resources, by type. */
  skipped: Record<string, number>;
}

/**
 * Creates the resources of a template, each after the resources that it refers to. A repeated call finds the existing resources.
 * @throws Error that names the resource and the property that is not supported
 */
export async function createResources(
  template: Template,
  setting: Omit<Making, 'functions' | 'eventSourceMappings' | 'scheduledRules'>,
): Promise<CreatedStack> {
  const making: Making = { ...setting, functions: [], eventSourceMappings: [], scheduledRules: [] };
  const skipped: Record<string, number> = {};
  const made = new Map<string, Promise<Created>>();

  async function make(logicalId: string, scope: Scope): Promise<Created> {
    const resource = Object.hasOwn(template.Resources, logicalId) ? template.Resources[logicalId] : undefined;
    if (!resource) throw new Error(`The template refers to ${logicalId}, which it does not have`);
    for (const each of resource.DependsOn) await scope.resource(each);
    if (SKIPPED.includes(resource.Type)) {
      skipped[resource.Type] = (skipped[resource.Type] ?? 0) + 1;
      return { ref: logicalId, attributes: { Arn: logicalId } };
    }
    const makeKind = kinds.get(resource.Type);
    if (!makeKind) throw new Error(`${logicalId} is of type ${resource.Type}, which is not supported`);
    return makeKind(logicalId, await resolve(resource.Properties, scope), making);
  }

  function scopeWithin(path: readonly string[]): Scope {
    return {
      pseudo: pseudoParameters(setting),
      resource: (logicalId) => {
        if (path.includes(logicalId)) throw new Error(`${[...path, logicalId].join(' → ')} refer to each other`);
        const known = made.get(logicalId) ?? make(logicalId, scopeWithin([...path, logicalId]));
        made.set(logicalId, known);
        return known;
      },
    };
  }

  const scope = scopeWithin([]);
  for (const logicalId of Object.keys(template.Resources)) await scope.resource(logicalId);
  const outputs = await resolve(
    Object.fromEntries(Object.entries(template.Outputs).map(([name, { Value }]) => [name, Value])),
    scope,
  );
  return {
    outputs: Object.fromEntries(Object.entries(Object(outputs)).map(([name, value]) => [name, String(value)])),
    functions: making.functions,
    eventSourceMappings: making.eventSourceMappings,
    scheduledRules: making.scheduledRules,
    skipped,
  };
}

function pseudoParameters({ region, accountId, stackName }: Pick<Making, 'region' | 'accountId' | 'stackName'>) {
  return {
    'AWS::Region': region,
    'AWS::AccountId': accountId,
    'AWS::Partition': 'aws',
    'AWS::StackName': stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };
}
