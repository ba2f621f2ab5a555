import * as z from 'zod';
import type { Role } from '../../emulator/iam/iam.ts';
import { identityPolicySchema, parsePolicy, trustPolicySchema } from '../../emulator/iam/policy.ts';
import { type Created, resolve, type Scope } from '../../emulator/template/resolve.ts';
import { roleIdOf } from '../../emulator/template/role-id.ts';
import { type AlarmProperties, alarmSchema } from '../../simulation/cloudwatch/alarm.ts';
import { packageTemplate } from '../support/package-template.ts';
import { resourcesOf } from '../support/service-folder.ts';

export const REGION = 'eu-west-1';
const ACCOUNT = '000000000000';
export const TOPIC_ARN = `arn:aws:sns:${REGION}:${ACCOUNT}:operators`;

const resourceSchema = z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) });
export const resourcesSchema = z.record(z.string(), resourceSchema);

const roleSchema = z.object({
  AssumeRolePolicyDocument: z.unknown(),
  Policies: z.array(z.object({ PolicyDocument: z.unknown() })),
});

export type Resource = z.infer<typeof resourceSchema>;
export type Resources = Record<string, Resource>;

/** @param params such as `alarmEmail` @returns the resources of stage `prod` as they would be deployed, and what packaging printed */
export function compileTemplate(params: Record<string, string>): { resources: Resources; printed: string } {
  const { template, printed } = packageTemplate('prod', params);
  return { resources: resourcesSchema.parse(resourcesOf(template)), printed };
}

const statementsSchema = z.looseObject({
  Policies: z.array(
    z.looseObject({
      PolicyDocument: z.looseObject({
        Statement: z.array(z.looseObject({ Action: z.union([z.string(), z.array(z.string())]) })),
      }),
    }),
  ),
});

/** The same resources, except that a role lacks an action. @throws Error if the role has no such action */
export function withoutAction(resources: Resources, role: string, action: string): Resources {
  const resource = resourceSchema.parse(structuredClone(resources[role]));
  const properties = statementsSchema.parse(resource.Properties);
  let found = false;
  for (const { PolicyDocument: document } of properties.Policies)
    document.Statement = document.Statement.flatMap((statement) => {
      const actions = [statement.Action].flat();
      found ||= actions.includes(action);
      const left = actions.filter((each) => each !== action);
      return left.length === 0 ? [] : [{ ...statement, Action: left }];
    });
  if (!found) throw new Error(`${role} has no action ${action}`);
  return { ...resources, [role]: { ...resource, Properties: properties } };
}

export interface Deployed {
  resources: Resources;
  /** The properties of a resource, with all references resolved. */
  propertiesOf(logicalId: string): Promise<Record<string, unknown>>;
  idsOf(type: string): string[];
  /** The roles with their policies. The name of a role is its logical id. */
  roles(): Promise<Role[]>;
  alarms: Record<string, AlarmProperties>;
}

/** Resolves references as CloudFormation does, to the names and ARNs that the resources would have. */
export async function asDeployed(resources: Resources): Promise<Deployed> {
  const scope: Scope = {
    pseudo: {
      'AWS::Region': REGION,
      'AWS::AccountId': ACCOUNT,
      'AWS::Partition': 'aws',
      'AWS::StackName': 'greenroom-prod',
    },
    resource: async (logicalId) => createdOf(logicalId, await propertiesOf(logicalId), resources[logicalId]?.Type),
  };

  async function propertiesOf(logicalId: string): Promise<Record<string, unknown>> {
    const resource = resources[logicalId];
    if (!resource) throw new Error(`The template has no ${logicalId}`);
    // Other resources need only the name of a role. It is not resolved, because roles may refer to the queues and functions that refer to
    // them.
    if (resource.Type === 'AWS::IAM::Role') return {};
    return z.record(z.string(), z.unknown()).parse(await resolve(resource.Properties, scope));
  }

  const idsOf = (type: string) => Object.keys(resources).filter((id) => resources[id]?.Type === type);
  const alarms = await Promise.all(
    idsOf('AWS::CloudWatch::Alarm').map(async (id) => [id, alarmSchema.parse(await propertiesOf(id))] as const),
  );

  async function roleOf(name: string): Promise<Role> {
    const properties = roleSchema.parse(await resolve(resources[name]?.Properties, scope));
    const policies = properties.Policies.map(({ PolicyDocument }) =>
      parsePolicy(identityPolicySchema, PolicyDocument, name),
    );
    return { name, trust: parsePolicy(trustPolicySchema, properties.AssumeRolePolicyDocument, name), policies };
  }

  const roles = () => Promise.all(idsOf('AWS::IAM::Role').map(roleOf));
  return { resources, propertiesOf, idsOf, roles, alarms: Object.fromEntries(alarms) };
}

function createdOf(logicalId: string, properties: Record<string, unknown>, type: string | undefined): Created {
  const nameIn = (property: string) => z.string().parse(properties[property]);
  const arn = (service: string, name: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${name}`;
  switch (type) {
    case 'AWS::SQS::Queue': {
      // Without a name, CloudFormation chooses one.
      const QueueName = z.string().default(logicalId).parse(properties.QueueName);
      const ref = `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${QueueName}`;
      return { ref, attributes: { QueueName, Arn: arn('sqs', QueueName) } };
    }
    case 'AWS::SNS::Topic':
      return { ref: arn('sns', nameIn('TopicName')), attributes: { TopicName: nameIn('TopicName') } };
    case 'AWS::Logs::LogGroup':
      return { ref: nameIn('LogGroupName'), attributes: {} };
    case 'AWS::DynamoDB::Table':
      return { ref: nameIn('TableName'), attributes: { Arn: arn('dynamodb', `table/${nameIn('TableName')}`) } };
    case 'AWS::S3::Bucket': {
      const ref = z.string().default(logicalId).parse(properties.BucketName);
      return { ref, attributes: { Arn: `arn:aws:s3:::${ref}` } };
    }
    case 'AWS::Lambda::Function':
      return { ref: nameIn('FunctionName'), attributes: { Arn: arn('lambda', `function:${nameIn('FunctionName')}`) } };
    case 'AWS::Scheduler::ScheduleGroup':
      return { ref: nameIn('Name'), attributes: { Arn: arn('scheduler', `schedule-group/${nameIn('Name')}`) } };
    default:
      return {
        ref: logicalId,
        attributes: { Arn: `arn:aws:iam::${ACCOUNT}:role/${logicalId}`, RoleId: roleIdOf(logicalId) },
      };
  }
}
