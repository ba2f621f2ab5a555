import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { environmentSchema } from '../../../lib/platform/config.ts';
import { longestStage, nameOf } from '../../../scripts/deployment/names.ts';
import { openServiceFolder, type Resource } from '../../support/service-folder.ts';

/** The types of resources that contain messages, items, files, subscriptions or schedules of users. */
const KEPT = [
  'AWS::DynamoDB::Table',
  'AWS::S3::Bucket',
  'AWS::Scheduler::ScheduleGroup',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
];

const service = openServiceFolder();
let resources: Record<string, Resource>;

beforeAll(() => {
  expect(service.serverless('package', '--stage', 'prod')).toMatchObject({ status: 0 });
  // The framework can create its own bucket for packages again.
  const { ServerlessDeploymentBucket: _, ...own } = service.resources();
  resources = own;
}, 60_000);
afterAll(service.remove);

const idsOf = (matches: (resource: Resource) => boolean) =>
  Object.entries(resources).flatMap(([id, resource]) => (matches(resource) ? [id] : []));

describe('the resources that must survive the removal of the stack', () => {
  /**
   * "RetainExceptOnCreate behaves like Retain for stack operations, except for the stack operation that initially created the
   * resource. If the stack operation that created the resource is rolled back, CloudFormation deletes the resource."
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
   */
  test('are kept, but not if the deployment that creates them fails, because their names would be taken in the next deployment', () => {
    expect(idsOf(({ DeletionPolicy }) => DeletionPolicy === 'RetainExceptOnCreate').sort()).toEqual(
      [...idsOf(({ Type }) => KEPT.includes(Type)), 'SchedulerRole'].sort(),
    );
    expect(idsOf(({ DeletionPolicy }) => DeletionPolicy === 'Retain')).toEqual([]);
  });

  test('are also kept when they are replaced', () => {
    const kept = idsOf(({ DeletionPolicy }) => DeletionPolicy !== undefined);
    expect(idsOf(({ UpdateReplacePolicy }) => UpdateReplacePolicy === 'Retain')).toEqual(kept);
    expect(kept).toHaveLength(20);
  });

  /**
   * "Deleting a schedule group results in EventBridge Scheduler deleting all schedules associated with the group": API_DeleteScheduleGroup
   */
  test('include the schedule group and the role that the schedules name', () => {
    expect(resources.LiveEventsScheduleGroup).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate' });
    expect(resources.SchedulerRole).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate' });
  });

  test('include the tables, which the template does not protect because CloudFormation could not roll back their creation', () => {
    expect(idsOf(({ Properties }) => 'DeletionProtectionEnabled' in Properties)).toEqual([]);
  });
});

describe('the names of resources', () => {
  const longest = () => longestStage(Object.values(resources), 'prod').maxLength;
  const named = () => Object.values(resources).flatMap((resource) => nameOf(resource) ?? []);

  test('fit for the longest stage that the functions accept, in every region', () => {
    const stage = environmentSchema.shape.GREENROOM_STAGE;
    expect(stage.safeParse('a'.repeat(longest())).success).toBe(true);
    expect(stage.safeParse('a'.repeat(longest() + 1)).success).toBe(false);
    const grown = longest() - 'prod'.length;
    for (const { name, maxLength } of named())
      expect({ name, fits: name.length + grown <= maxLength }).toEqual({ name, fits: true });
  });

  test('do not fit for a stage with one more character, because the name of the bucket is too long', () => {
    const grown = longest() + 1 - 'prod'.length;
    const tooLong = named().filter(({ name, maxLength }) => name.length + grown > maxLength);
    expect(tooLong.map(({ name }) => name)).toEqual(['greenroom-prod-123456789012-ap-northeast-1']);
  });

  test('are known for all resources that have names', () => {
    const types = [...KEPT, 'AWS::Lambda::Function', 'AWS::CloudWatch::Dashboard', 'AWS::Logs::QueryDefinition'];
    const expected = idsOf(({ Type }) => types.includes(Type));
    expect(named()).toHaveLength(expected.length);
  });
});

describe('adopting the resources that a removed stack has left behind', () => {
  const adopt = (...args: string[]) =>
    spawnSync(process.execPath, [resolve('scripts/deployment/adopt.ts'), ...args], {
      cwd: service.directory,
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
  const written = (file: string) => JSON.parse(readFileSync(join(service.directory, '.serverless', file), 'utf8'));
  const place = ['--stage', 'prod', '--region', 'eu-west-1', '--account', '123456789012'];

  test('imports every kept resource by its identifier, and no resource refers to one that is not imported', () => {
    expect(adopt(...place).stdout).toContain('--change-set-type IMPORT');
    const imported = written('adopt-resources.json');
    // CloudFormation has chosen the name of the role. Existing schedules work with the role while it exists.
    const kept = idsOf(({ DeletionPolicy }) => DeletionPolicy !== undefined).filter((id) => id !== 'SchedulerRole');
    expect(imported.map(({ LogicalResourceId }: { LogicalResourceId: string }) => LogicalResourceId)).toEqual(kept);
    const identifiers = imported.map(({ ResourceIdentifier }: { ResourceIdentifier: object }) => ResourceIdentifier);
    expect(identifiers).toEqual(
      expect.arrayContaining([
        { QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/greenroom-prod-interactive' },
        { TopicArn: 'arn:aws:sns:eu-west-1:123456789012:greenroom-prod-completions' },
        { TableName: 'greenroom-prod-ledger' },
        { BucketName: 'greenroom-prod-123456789012-eu-west-1' },
        { Name: 'greenroom-prod-live-events' },
      ]),
    );
    const template = written('adopt-template.json');
    expect(Object.keys(template)).toEqual(['Resources']);
    expect(Object.keys(template.Resources)).toEqual(kept);
    const referredTo = [...JSON.stringify(template).matchAll(/"(?:Ref|Fn::GetAtt|DependsOn)":\[?"(\w+)"/g)].map(
      ([, id]) => id,
    );
    expect(referredTo.length).toBeGreaterThan(5);
    expect(referredTo.filter((id) => !kept.includes(id ?? ''))).toEqual([]);
  });

  test('leaves out resources that no longer exist', () => {
    expect(adopt(...place, '--without', 'RedriveQueue').status).toBe(0);
    expect(Object.keys(written('adopt-template.json').Resources)).not.toContain('RedriveQueue');
  });

  test('prints its help if an option is missing', () => {
    expect(adopt('--stage', 'prod')).toMatchObject({ status: 1, stdout: expect.stringContaining('--account ID') });
  });
});
