import { readFileSync } from 'node:fs';
import { CreateTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROOM_REQUESTED } from '../../../lib/contract/envelopes.ts';
import { LIVE_EVENT_NAMES } from '../../../lib/contract/live-event-message.ts';
import { ROOM_RELEASE_REQUESTED } from '../../../lib/contract/release-command.ts';
import { busEvent, dynamoDbRecords, kinesisRecords, sqsRecords } from '../../fixtures/documented-events.ts';
import {
  applyTemplate,
  blockOf,
  codeBlocks,
  forLocalStack,
  readYaml,
  selects,
  valuesNamed,
} from '../../support/markdown-recipes.ts';
import { must } from '../../support/must.ts';
import { isInstalled, openRecipeStack, type RecipeStack } from './recipe-stack.ts';

const PAGE = 'docs/connect.md';
const blocks = codeBlocks(PAGE).map((block) => ({ ...block, text: forLocalStack(block.text) }));
const recipe = (heading: string, language: string, beginning = '') => blockOf(blocks, heading, language, beginning);
type Change = (text: string) => string;
/** Makes a request invalid: the region does not exist. */
const invalid: Change = (text) => text.replaceAll('eu-west-1', 'mars-1');
const REGION_PROBLEM = { reason: 'invalid-request', problems: [{ path: 'region' }] };

const hasPython = isInstalled('the Python recipe', 'python3', ['-c', 'import boto3']);
const hasAwsCli = isInstalled('the recipes for the AWS CLI and SNS', 'aws', ['--version']);
const hasCfnLint = isInstalled('cfn-lint on the recipes', 'cfn-lint', ['--version']);

let upstream: RecipeStack;
beforeAll(async () => {
  upstream = await openRecipeStack();
}, 60_000);
afterAll(() => upstream.close());

describe('a program', () => {
  const programs = [
    { heading: 'TypeScript', key: 'typescript', runs: true, send: runWith(process.execPath, 'send.mts', 'ts') },
    { heading: 'Python', key: 'python', runs: hasPython, send: runWith('python3', 'send.py', 'python') },
    { heading: 'AWS CLI', key: 'cli', runs: hasAwsCli, send: commands },
  ].filter(({ runs }) => runs);

  /** Runs the recipe with a change. */
  function runWith(program: string, file: string, language: string) {
    return (heading: string, change: Change) => upstream.run(program, { [file]: change(recipe(heading, language)) });
  }
  function commands(heading: string, change: Change) {
    return upstream.runCommands(change(recipe(heading, 'sh')));
  }

  test.each(programs)(
    'in $heading gets a room, and problems for an invalid request',
    async ({ heading, key, send }) => {
      const isSent = { exitCode: 0, output: expect.stringMatching(/Sent as|MessageId/) };
      expect(await send(heading, invalid)).toMatchObject(isSent);
      expect(await upstream.completion(`final-2026/${key}`, 'failed')).toMatchObject({ data: REGION_PROBLEM });
      expect(await send(heading, (text) => text)).toMatchObject(isSent);
      expect(await upstream.completion(`final-2026/${key}`, 'provisioned')).toMatchObject({
        data: { room: { name: 'final-2026' } },
      });
    },
  );
});

describe('an SNS topic', () => {
  const { Resources } = readYaml(recipe('SNS topic', 'yaml'));
  const { TopicName } = Resources.RoomRequests?.Properties ?? {};
  const { Endpoint, RawMessageDelivery } = Resources.ToGreenroom?.Properties ?? {};

  (hasAwsCli ? test : test.skip)('gets a room, and problems for an invalid request', async () => {
    const { sns } = upstream.deployment;
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: TopicName }));
    const Attributes = { RawMessageDelivery: String(RawMessageDelivery) };
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes }));
    const command = recipe('SNS topic', 'sh');
    // The region is also a part of the topic's ARN.
    for (const text of [command.replace('"region": "eu-west-1"', '"region": "mars-1"'), command])
      expect(await upstream.runCommands(text)).toMatchObject({ exitCode: 0 });
    expect(await upstream.completion('final-2026/topic', 'failed')).toMatchObject({ data: REGION_PROBLEM });
    expect(await upstream.completion('final-2026/topic', 'provisioned')).toMatchObject({
      data: { region: 'eu-west-1' },
    });
  });

  test('of another account whose owner subscribes the queue gets no confirmation: the request for it is parked', async () => {
    // "HTTP/HTTPS subscription confirmation JSON format" of https://docs.aws.amazon.com/sns/latest/dg/http-subscription-confirmation-json.html
    const confirmation = {
      Type: 'SubscriptionConfirmation',
      MessageId: '165545c9-2a5c-472c-8df2-7ff2be2b3b1b',
      Token: '2336412f37...',
      TopicArn: 'arn:aws:sns:us-west-2:123456789012:MyTopic',
      Message: 'You have chosen to subscribe to the topic arn:aws:sns:us-west-2:123456789012:MyTopic.',
      SubscribeURL: 'https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription',
      Timestamp: '2012-04-26T20:45:04.751Z',
    };
    await upstream.deliver(Endpoint, JSON.stringify(confirmation));
    expect(await upstream.completion(undefined, 'failed')).toMatchObject({ data: { reason: 'unparseable' } });
  });
});

describe('an event bus', () => {
  const [entry] = JSON.parse(
    must(/--entries '(.*)'/s.exec(recipe('Event bus of the same account', 'sh', 'aws '))?.[1]),
  );
  const event = (detail: string) => busEvent(entry.DetailType, entry.Source, JSON.parse(detail));

  /** The targets of the rules that select an event. */
  function targetsOf(template: string, selected: object): { Arn: unknown }[] {
    const rules = Object.values(readYaml(template).Resources).filter(({ Type }) => Type === 'AWS::Events::Rule');
    return rules.flatMap(({ Properties }) => (selects(Properties.EventPattern, selected) ? Properties.Targets : []));
  }

  const deployed = readFileSync('infrastructure/event-bus.yml', 'utf8');

  test('of the same account gets a room, and problems for an invalid request', async () => {
    const [{ Arn } = { Arn: undefined }, ...others] = targetsOf(deployed, event(entry.Detail));
    expect([Arn, others]).toEqual([{ 'Fn::GetAtt': ['InteractiveQueue', 'Arn'] }, []]);
    const queue = must(upstream.outputs.InteractiveQueueArn);
    await upstream.deliver(queue, JSON.stringify(event(invalid(entry.Detail))));
    expect(await upstream.completion('final-2026/bus', 'failed')).toMatchObject({ data: REGION_PROBLEM });
    await upstream.deliver(queue, JSON.stringify(event(entry.Detail)));
    expect(await upstream.completion('final-2026/bus', 'provisioned')).toMatchObject({ data: { tenant: 'sports' } });
  });

  (hasAwsCli ? test : test.skip)('accepts the command of the recipe', async () => {
    // With a skeleton of the output, the AWS CLI checks the parameters and sends nothing.
    const command = `${recipe('Event bus of the same account', 'sh', 'aws ').trim()} --generate-cli-skeleton output`;
    expect(await upstream.runCommands(command)).toMatchObject({ exitCode: 0 });
  });

  test('delivers exactly the events of the contract, to the queues that the document names', () => {
    const target = (name: string) =>
      JSON.stringify(targetsOf(deployed, busEvent(name, 'any.source', {})).map(({ Arn }) => Arn));
    for (const name of [...ROOM_REQUESTED.detailTypes, ...ROOM_RELEASE_REQUESTED.detailTypes])
      expect(target(name)).toContain('InteractiveQueue');
    for (const name of LIVE_EVENT_NAMES.detailTypes) expect(target(name)).toContain('LiveEventsQueue');
    expect(target('Live Event Due')).toBe('[]');
    const table = readFileSync(PAGE, 'utf8')
      .match(/^\| `greenroom-prod-[\w-]+` \| .* \| .* \|$/gm)
      ?.join('\n');
    const names = [...(table ?? '').matchAll(/`([A-Z][\w ]+)`/g)].map(([, name]) => name);
    expect(names).toEqual(
      [ROOM_REQUESTED, ROOM_RELEASE_REQUESTED, LIVE_EVENT_NAMES].flatMap(({ detailTypes }) => detailTypes),
    );
  });

  test('of another account delivers the same event to the same queue, with a role that may send there', () => {
    const template = recipe('Event bus of another account', 'yaml');
    const [target] = targetsOf(template, event(entry.Detail));
    expect(target).toMatchObject({
      Arn: upstream.outputs.InteractiveQueueArn,
      RoleArn: { 'Fn::GetAtt': ['SendToGreenroom', 'Arn'] },
    });
    const role = readYaml(template).Resources.SendToGreenroom;
    expect(valuesNamed('Statement', role?.Properties.Policies)).toEqual([
      [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: upstream.outputs.InteractiveQueueArn }],
    ]);
  });
});

describe('a pipe', () => {
  const row = (name: string) => ({ chatKey: `final-2026/${name}`, title: `final-${name}`, region: 'eu-west-1' });
  const pipes = [
    { from: 'an SQS queue', records: sqsRecords(row('sqs-1'), row('sqs-2')), keys: ['sqs-1', 'sqs-2'] },
    {
      from: 'a Kinesis stream',
      records: kinesisRecords(row('kinesis-1'), row('kinesis-2')),
      keys: ['kinesis-1', 'kinesis-2'],
    },
    { from: 'a DynamoDB stream', records: dynamoDbRecords(row('dynamodb-1'), row('dynamodb-2')), keys: ['dynamodb-1'] },
  ];

  function read(from: string) {
    const { Resources } = readYaml(recipe(`From ${from}`, 'yaml'));
    const { Target, TargetParameters, SourceParameters } = must(Resources.FixturesToGreenroom).Properties;
    const [{ Pattern } = { Pattern: '{}' }] = SourceParameters.FilterCriteria?.Filters ?? [];
    const bodies = (records: object[]) =>
      records
        .filter((record) => selects(JSON.parse(Pattern), record))
        .map((record) => applyTemplate(TargetParameters.InputTemplate, record));
    return { Target, bodies, role: must(Resources.PipeRole).Properties };
  }

  test.each(pipes)(
    'from $from makes one request from each record that AWS documents',
    async ({ from, records, keys }) => {
      const { Target, bodies, role } = read(from);
      const made = bodies(records);
      expect(made).toHaveLength(keys.length);
      for (const body of made) await upstream.deliver(Target, body);
      for (const key of keys)
        expect(await upstream.completion(`final-2026/${key}`, 'provisioned')).toMatchObject({
          data: { room: { name: `final-${key}` } },
        });
      expect(role.Policies[0].PolicyDocument.Statement).toContainEqual({
        Effect: 'Allow',
        Action: 'sqs:SendMessage',
        Resource: Target,
      });
    },
  );

  test('gets problems for a record with an invalid field, and for one without a key', async () => {
    const { Target, bodies } = read('an SQS queue');
    const { chatKey, ...rest } = row('pipe');
    const made = bodies(sqsRecords({ ...rest, chatKey, region: 'mars-1' }, rest));
    for (const body of made) await upstream.deliver(Target, body);
    expect(await upstream.completion(chatKey, 'failed')).toMatchObject({ data: REGION_PROBLEM });
    expect(await upstream.completion(undefined, 'failed')).toMatchObject({ data: { reason: 'unparseable' } });
  });
});

test('the policy of a sender permits sending to the three queues for requests and live events, and nothing else', () => {
  const { Statement } = JSON.parse(recipe('The permission to send', 'json'));
  const { InteractiveQueueArn, BulkQueueArn, LiveEventsQueueArn } = upstream.outputs;
  const Resource = [InteractiveQueueArn, BulkQueueArn, LiveEventsQueueArn];
  expect(Statement).toEqual([{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource }]);
});

(hasCfnLint ? test : test.skip)(
  'cfn-lint finds nothing in the templates',
  async () => {
    const templates = blocks.filter(({ language }) => language === 'yaml');
    expect(templates).toHaveLength(5);
    const files = templates.map(({ text }, index) => [`template-${index}.yml`, text]);
    expect(await upstream.run('cfn-lint', Object.fromEntries(files))).toEqual({ exitCode: 0, output: '' });
  },
  120_000,
);
