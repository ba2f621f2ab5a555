import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { openServiceFolder } from '../../support/service-folder.ts';

const DOCUMENT = readFileSync(resolve('docs/security.md'), 'utf8');
/** The newest one: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
const RUNTIME = 'nodejs24.x';

// biome-ignore lint/suspicious/noExplicitAny: the tests read many different properties
type Properties = any;

/** The template with everything that parameters can add. */
function largestTemplate() {
  const service = openServiceFolder();
  try {
    const { status, output } = service.serverless(
      ...['package', '--stage', 'prod', '--param=alarmEmail=operators@example.com', '--param=eventBusName=fixtures'],
      ...['--param=upstreamAccounts=111122223333', '--param=tracing=true'],
    );
    if (status !== 0) throw new Error(output);
    return service.resources();
  } finally {
    service.remove();
  }
}

const resources = largestTemplate();
const ofType = (type: string): [string, Properties][] =>
  Object.entries(resources).flatMap(([id, { Type, Properties }]) => (Type === type ? [[id, Properties]] : []));

/** The logical ids of the resources of a type that do not comply. */
const failing = (type: string, complies: (properties: Properties, id: string) => boolean): string[] =>
  ofType(type)
    .filter(([id, properties]) => !complies(properties, id))
    .map(([id]) => id);

const statementSchema = z.object({
  Effect: z.string(),
  Principal: z.unknown(),
  Action: z.union([z.array(z.string()), z.string().transform((one) => [one])]),
  Condition: z
    .object({ Bool: z.object({ 'aws:SecureTransport': z.coerce.string().optional() }).optional() })
    .optional(),
});

/** Whether a policy of this resource denies every caller the action without TLS. */
function needsTls(type: string, id: string, action: string): boolean {
  return ofType(type).some(([, { Queues = [], Topics = [], Bucket, PolicyDocument }]) => {
    const about = [...Queues, ...Topics, Bucket].some((each) => each?.Ref === id);
    const denies = z
      .array(statementSchema)
      .parse(PolicyDocument.Statement)
      .some(
        ({ Effect, Principal, Action, Condition }) =>
          Effect === 'Deny' &&
          Principal === '*' &&
          Action.includes(action) &&
          Condition?.Bool?.['aws:SecureTransport'] === 'false',
      );
    return about && denies;
  });
}

const deadLetterQueues = () =>
  ofType('AWS::SQS::Queue').flatMap(
    ([, { RedrivePolicy }]) => RedrivePolicy?.deadLetterTargetArn['Fn::GetAtt'][0] ?? [],
  );
const BLOCKS = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'];

/** Each rule as cdk-nag checks it: https://github.com/cdklabs/cdk-nag/tree/main/src/rules. @returns what does not comply */
const RULES: Record<string, () => string[]> = {
  SQS2: () =>
    failing('AWS::SQS::Queue', ({ SqsManagedSseEnabled, KmsMasterKeyId }) => SqsManagedSseEnabled || KmsMasterKeyId),
  SQS3: () => failing('AWS::SQS::Queue', ({ RedrivePolicy }, id) => RedrivePolicy || deadLetterQueues().includes(id)),
  SQS4: () => failing('AWS::SQS::Queue', (_, id) => needsTls('AWS::SQS::QueuePolicy', id, 'sqs:*')),
  SNS2: () => failing('AWS::SNS::Topic', ({ KmsMasterKeyId }) => KmsMasterKeyId),
  SNS3: () => failing('AWS::SNS::Topic', (_, id) => needsTls('AWS::SNS::TopicPolicy', id, 'sns:Publish')),
  S1: () => failing('AWS::S3::Bucket', ({ LoggingConfiguration }) => LoggingConfiguration),
  S2: () => failing('AWS::S3::Bucket', ({ PublicAccessBlockConfiguration: all }) => BLOCKS.every((one) => all?.[one])),
  S3: () => failing('AWS::S3::Bucket', ({ BucketEncryption }) => BucketEncryption),
  S5: () => failing('AWS::S3::Bucket', ({ WebsiteConfiguration }) => !WebsiteConfiguration),
  S10: () => failing('AWS::S3::Bucket', (_, id) => needsTls('AWS::S3::BucketPolicy', id, 's3:*')),
  DDB3: () =>
    failing(
      'AWS::DynamoDB::Table',
      ({ PointInTimeRecoverySpecification }) => PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled,
    ),
  L1: () => failing('AWS::Lambda::Function', ({ Runtime }) => Runtime === RUNTIME),
  IAM4: () => failing('AWS::IAM::Role', ({ ManagedPolicyArns = [] }) => ManagedPolicyArns.length === 0),
};

/** The rows of the table that has this header. */
function rowsUnder(header: string): string[][] {
  const [, table = ''] = DOCUMENT.split(header);
  const lines = table.split('\n\n')[0]?.trim().split('\n').slice(1) ?? [];
  return lines.map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
}
const namesIn = (text = '') => [...text.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);

describe('the table of rules in docs/security.md', () => {
  const rows = rowsUnder('| rule | requires | waived for | reason |');

  test('has every rule that is checked, and IAM5', () => {
    expect(rows.map(([rule = '']) => rule.replace('*', ''))).toEqual([...Object.keys(RULES), 'IAM5']);
  });

  test.each(rows.filter(([rule]) => rule !== 'IAM5'))(
    '%s holds: %s, except for %s',
    (rule = '', _requires, waived, reason) => {
      expect(RULES[rule.replace('*', '')]?.().sort()).toEqual(namesIn(waived).sort());
      expect({ rule, hasReason: reason !== '' }).toEqual({ rule, hasReason: namesIn(waived).length > 0 });
    },
  );
});

describe('the wildcards of roles', () => {
  const found = ofType('AWS::IAM::Role').flatMap(([role, { Policies }]) =>
    Policies.flatMap(({ PolicyDocument }: Properties) => PolicyDocument.Statement).flatMap(
      ({ Action, Resource }: Properties) =>
        [Resource]
          .flat()
          .map((resource) => ({ role, actions: [Action].flat().join(' '), resource: JSON.stringify(resource) })),
    ),
  );

  test('are in no action', () => {
    expect(found.filter(({ actions }) => actions.includes('*'))).toEqual([]);
  });

  /** The documented form of each wildcard. */
  const FORMS: [RegExp, string][] = [
    [/:log-group:\/aws\/lambda\/greenroom-\w+-[\w-]+:\*"/, 'log-group:/aws/lambda/FUNCTION:*'],
    [/:ivschat:\*:\$\{AWS::AccountId\}:room\/\*"/, 'ivschat:*:ACCOUNT:room/*'],
    [/"\$\{ManifestBucket\.Arn\}\/manifests\/\*"/, 'MANIFEST_BUCKET/manifests/*'],
    [/"\$\{ManifestBucket\.Arn\}\/reports\/\*"/, 'MANIFEST_BUCKET/reports/*'],
    [/:schedule\/greenroom-\w+-live-events\/\*"/, 'schedule/GROUP/*'],
    [/^"\*"$/, '*'],
  ];
  const formOf = (resource: string) => FORMS.find(([form]) => form.test(resource))?.[1] ?? resource;

  test('in resources are exactly those that the document lists, in the roles that it lists', () => {
    const wild = found.filter(({ resource }) => resource.includes('*'));
    const byForm = Map.groupBy(wild, ({ resource }) => formOf(resource));
    const rolesOf = (form: string) => [...new Set((byForm.get(form) ?? []).map(({ role }) => role))].sort();
    const documented = rowsUnder('| resource | roles | reason |').map(([form = '', roles]) => [
      form.replaceAll('`', ''),
      namesIn(roles).sort(),
    ]);
    const functionRoles = ofType('AWS::IAM::Role')
      .map(([id]) => id)
      .filter((id) => id !== 'SchedulerRole')
      .sort();
    const expected = documented.map(([form, roles]) => [form, roles?.length === 0 ? functionRoles : roles]);
    expect(expected).toEqual(documented.map(([form]) => [form, rolesOf(String(form))]));
    expect([...byForm.keys()].sort()).toEqual(documented.map(([form]) => form).sort());
  });
});

test('control: violations are found: a queue that accepts calls without TLS, and a bucket that does not block public access', () => {
  const queue = ofType('AWS::SQS::QueuePolicy').find(([id]) => id === 'RedriveQueuePolicy');
  const [statement] = queue?.[1].PolicyDocument.Statement ?? [];
  const bucket = resources.ManifestBucket?.Properties;
  const before = { effect: statement.Effect, block: bucket?.PublicAccessBlockConfiguration };
  statement.Effect = 'Allow';
  Object.assign(bucket ?? {}, { PublicAccessBlockConfiguration: { BlockPublicAcls: true } });
  expect([RULES.SQS4?.(), RULES.S2?.()]).toEqual([['RedriveQueue'], ['ManifestBucket']]);
  statement.Effect = before.effect;
  Object.assign(bucket ?? {}, { PublicAccessBlockConfiguration: before.block });
  expect([RULES.SQS4?.(), RULES.S2?.()]).toEqual([[], []]);
});

test('manifests outlive their jobs and the time for which greenroom stores the jobs, and so do reports', () => {
  const days = (prefix: string) =>
    Number(
      resources.ManifestBucket?.Properties &&
        Object(resources.ManifestBucket.Properties).LifecycleConfiguration.Rules.find(
          ({ Prefix }: Properties) => Prefix === prefix,
        ).ExpirationInDays,
    );
  const [, reader] =
    ofType('AWS::Lambda::Function').find(([, { FunctionName }]) => FunctionName.endsWith('start-bulk-job')) ?? [];
  const remembered = Number(reader.Environment.Variables.GREENROOM_ROSTER_RETENTION_DAYS);
  expect(days('manifests/')).toBeGreaterThanOrEqual(remembered + 30);
  expect(days('reports/')).toBeGreaterThanOrEqual(remembered);
});
