/**
 * AWS list prices in us-east-1, without free tiers or volume discounts. AWS's pricing pages load their figures with JavaScript, so each
 * price names AWS's page and another page that states the figure in its text.
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

export const PRICES_SEEN = '2026-11-25';

const MILLION = 1_000_000;

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
} as const satisfies Record<string, Price>;

export function dollars(price: Price, count: number): number {
  return (price.dollars / price.per) * count;
}
