import type { Template } from '../../emulator/template/read-template.ts';

export interface CookbookVariant {
  /** Whether the messages of a batch are processed at the same time, which is Powertools' default. */
  inParallel: boolean;
}

const FUNCTION_TIMEOUT_SECONDS = 20;

/**
 * The template of the cookbook implementation. As AWS advises, the queue's visibility timeout is six times the function's timeout, and
 * maxReceiveCount is five. The event source has the lowest possible concurrency, because the quota is low.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 *
 * Only the emulator of IVS Chat reads the two variables of greenroom.
 */
export function cookbookTemplate({ inParallel }: CookbookVariant): Template {
  return {
    Resources: Object.fromEntries(
      Object.entries(resources(inParallel)).map(([id, resource]) => [id, { DependsOn: [], ...resource }]),
    ),
    Outputs: { Requests: { Value: { Ref: 'Requests' } }, DeadLetters: { Value: { Ref: 'DeadLetters' } } },
  };
}

function resources(inParallel: boolean) {
  return {
    Requests: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: 'cookbook-requests',
        VisibilityTimeout: 6 * FUNCTION_TIMEOUT_SECONDS,
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] }, maxReceiveCount: 5 },
      },
    },
    DeadLetters: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'cookbook-dead-letters' } },
    Completions: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'cookbook-completions' } },
    Idempotency: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        TableName: 'cookbook-idempotency',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        TimeToLiveSpecification: { AttributeName: 'expiration', Enabled: true },
      },
    },
    Provision: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'cookbook-provision',
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Code: { S3Key: 'cookbook.zip' },
        Timeout: FUNCTION_TIMEOUT_SECONDS,
        MemorySize: 256,
        Environment: {
          Variables: {
            IDEMPOTENCY_TABLE: { Ref: 'Idempotency' },
            TOPIC_ARN: { Ref: 'Completions' },
            IN_PARALLEL: String(inParallel),
            GREENROOM_SIGNATURE_LIFETIME_SECONDS: '5',
            GREENROOM_LISTING_LAG_SECONDS: '2',
          },
        },
      },
    },
    EventSource: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': ['Requests', 'Arn'] },
        FunctionName: { 'Fn::GetAtt': ['Provision', 'Arn'] },
        BatchSize: 10,
        ScalingConfig: { MaximumConcurrency: 2 },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
    },
  };
}
