import * as z from 'zod';

/** The property with the name of a resource, and the maximum length. CloudFormation chooses names for other types, and shortens them. */
const NAMES: Readonly<Record<string, { property: string; maxLength: number }>> = {
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
  'AWS::S3::Bucket': { property: 'BucketName', maxLength: 63 },
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
  'AWS::SQS::Queue': { property: 'QueueName', maxLength: 80 },
  // https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
  'AWS::SNS::Topic': { property: 'TopicName', maxLength: 256 },
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
  'AWS::DynamoDB::Table': { property: 'TableName', maxLength: 255 },
  // https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateScheduleGroup.html
  'AWS::Scheduler::ScheduleGroup': { property: 'Name', maxLength: 64 },
  // https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
  'AWS::Lambda::Function': { property: 'FunctionName', maxLength: 64 },
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  'AWS::IAM::Role': { property: 'RoleName', maxLength: 64 },
  // https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
  'AWS::Events::Rule': { property: 'Name', maxLength: 64 },
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  'AWS::CloudWatch::Alarm': { property: 'AlarmName', maxLength: 255 },
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
  'AWS::CloudWatch::Dashboard': { property: 'DashboardName', maxLength: 255 },
  // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html
  'AWS::Logs::QueryDefinition': { property: 'Name', maxLength: 255 },
};

/** No region has a longer name than this one, so a name that is short enough here is short enough in all regions. */
const LONGEST_LOCATION = { accountId: '123456789012', region: 'ap-northeast-1' };

export const resourceSchema = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});

/** The parts of a resource of the template that determine its name. */
export type NamedResource = z.output<typeof resourceSchema>;

const nameSchema = z.union([z.string(), z.object({ 'Fn::Sub': z.string() }).transform((each) => each['Fn::Sub'])]);

/** The name of a resource, by default in the region with the longest name; undefined if CloudFormation chooses it. */
export function nameOf(
  { Type, Properties }: NamedResource,
  { accountId, region } = LONGEST_LOCATION,
): { name: string; maxLength: number } | undefined {
  const kind = NAMES[Type];
  const pattern = kind && nameSchema.safeParse(Properties[kind.property]).data;
  if (!kind || pattern === undefined) return undefined;
  const name = pattern.replaceAll(`\${AWS::AccountId}`, accountId).replaceAll(`\${AWS::Region}`, region);
  return { name, maxLength: kind.maxLength };
}

/** The maximum length of a stage, and the resource whose name limits it. The resources are those of a template for one stage. */
export function longestStage(
  resources: readonly NamedResource[],
  stage: string,
): { maxLength: number; because: string } {
  const limits = resources.flatMap((resource) => {
    const named = nameOf(resource);
    if (named === undefined || !named.name.includes(stage)) return [];
    const maxLength = named.maxLength - (named.name.length - stage.length);
    return [{ maxLength, because: `a name such as ${named.name} may have ${named.maxLength} characters` }];
  });
  const [shortest = { maxLength: Number.POSITIVE_INFINITY, because: '' }] = limits.sort(
    (one, other) => one.maxLength - other.maxLength,
  );
  return shortest;
}
