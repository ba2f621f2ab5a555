import type { Template } from '../../emulator/template/read-template.ts';
import type { PriceName } from '../prices.ts';

/** How AWS bills a type of resource. */
export type Billing = { kind: 'priced'; by: readonly PriceName[] } | { kind: 'free'; because: string };

const priced = (...by: PriceName[]): Billing => ({ kind: 'priced', by });
const free = (because: string): Billing => ({ kind: 'free', because });
const NOT_BILLED = 'AWS does not charge for it';

/** Every type of resource that the template may have, depending on its parameters. */
export const BILLING: Readonly<Record<string, Billing>> = {
  'AWS::CloudWatch::Alarm': priced('alarmMetric'),
  'AWS::CloudWatch::Dashboard': priced('dashboard'),
  'AWS::DynamoDB::Table': priced(
    'dynamodbWriteUnit',
    'dynamodbReadUnit',
    'dynamodbStorage',
    'dynamodbRecovery',
    'kmsRequest',
  ),
  'AWS::Events::Rule': free(
    'scheduled events come from AWS, whose own events are free, and EventBridge charges the sender for custom events',
  ),
  'AWS::IAM::Role': free(NOT_BILLED),
  'AWS::Lambda::EventInvokeConfig': free(NOT_BILLED),
  // Its receives are requests to SQS, including those that return no message.
  'AWS::Lambda::EventSourceMapping': priced('sqsRequest'),
  'AWS::Lambda::Function': priced('lambdaGbSecond', 'lambdaRequest'),
  'AWS::Lambda::Permission': free(NOT_BILLED),
  // The functions write their metrics into their logs.
  'AWS::Logs::LogGroup': priced('logIngestion', 'logStorage', 'customMetric'),
  'AWS::Logs::QueryDefinition': free('CloudWatch charges for the bytes that a person’s query scans'),
  'AWS::S3::Bucket': priced('s3Write', 's3Read', 's3Storage'),
  'AWS::S3::BucketPolicy': free(NOT_BILLED),
  'AWS::SNS::Subscription': free('SNS charges nothing for deliveries to SQS; the e-mails of alarms are left out'),
  'AWS::SNS::Topic': priced('snsPublish', 'kmsRequest'),
  'AWS::SNS::TopicPolicy': free(NOT_BILLED),
  'AWS::SQS::Queue': priced('sqsRequest', 'sqsFairness'),
  'AWS::SQS::QueuePolicy': free(NOT_BILLED),
  'AWS::Scheduler::ScheduleGroup': priced('schedulerInvocation'),
};

/** Those resource types of a template that `BILLING` lacks. */
export function unknownTypes({ Resources }: Pick<Template, 'Resources'>): string[] {
  const types = new Set(Object.values(Resources).map(({ Type }) => Type));
  return [...types].filter((type) => !Object.hasOwn(BILLING, type)).toSorted();
}
