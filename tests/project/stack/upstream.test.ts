import { beforeAll, describe, expect, test } from '@jest/globals';
import { packageTemplate } from '../../support/package-template.ts';
import type { Resource } from '../../support/service-folder.ts';

const LIMIT_MS = 60_000;

interface Packaged {
  resources: Record<string, Resource>;
  outputs: Record<string, unknown>;
}

/** The template that is packaged with these parameters. */
function packaged(params: Record<string, string> = {}): Packaged {
  // Only the time of packaging differs between two packages of the same code.
  const template = packageTemplate('prod', params).template.replaceAll(/(?<=\/prod\/)\d+-[^/]+(?=\/)/g, 'TIME');
  const { Resources: resources, Outputs: outputs } = JSON.parse(template);
  return { resources, outputs };
}

let plain: Packaged;
let connected: Packaged;
beforeAll(() => {
  plain = packaged();
  connected = packaged({ upstreamAccounts: '111122223333, 444455556666,111122223333', eventBusName: 'fixtures' });
}, LIMIT_MS);

const statementsOf = ({ resources }: Packaged, policy: string) =>
  resources[policy]?.Properties.PolicyDocument.Statement;

/** The statements with which the parameters extend the policy of the queues. */
function added() {
  return statementsOf(connected, 'RequestQueuePolicy').slice(statementsOf(plain, 'RequestQueuePolicy').length);
}

const arn = (rest: string) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:${rest}` });
const ruleArns = (path: string) =>
  ['room-requested', 'live-events'].map((name) =>
    arn(`events:\${AWS::Region}:\${AWS::AccountId}:${path}/greenroom-prod-${name}`),
  );

describe('empty parameters', () => {
  test('add no resource and no output', () => {
    const isNew = (kind: keyof Packaged) => Object.keys(connected[kind]).filter((id) => !(id in plain[kind]));
    expect(isNew('resources').sort()).toEqual([
      'EventBusDeadLetterQueue',
      'EventBusDeadLetterQueuePolicy',
      'EventBusDeadLettersAlarm',
      'LiveEventsRule',
      'RoomRequestedRule',
    ]);
    expect(isNew('outputs')).toEqual(['EventBusDeadLetterQueue']);
  });

  test('leave every resource as it is with the parameters, except the policy of the queues, which has fewer statements', () => {
    const { RequestQueuePolicy, ...others } = plain.resources;
    expect(connected.resources).toMatchObject(others);
    const { Statement, ...rest } = connected.resources.RequestQueuePolicy?.Properties.PolicyDocument ?? {};
    expect(RequestQueuePolicy?.Properties.PolicyDocument).toMatchObject(rest);
    expect(Statement.slice(0, -3)).toEqual(statementsOf(plain, 'RequestQueuePolicy'));
  });
});

describe('an account that is named', () => {
  const send = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*' };

  test('may send with its roles and topics, to the lanes and the queue of live events', () => {
    expect(added().slice(0, 2)).toEqual([
      {
        Sid: 'UpstreamAccounts',
        Principal: { AWS: [arn('iam::111122223333:root'), arn('iam::444455556666:root')] },
        ...send,
      },
      {
        Sid: 'TopicsOfUpstreamAccounts',
        Principal: { Service: 'sns.amazonaws.com' },
        Condition: { ArnLike: { 'aws:SourceArn': [arn('sns:*:111122223333:*'), arn('sns:*:444455556666:*')] } },
        ...send,
      },
    ]);
    const queues = connected.resources.RequestQueuePolicy?.Properties.Queues;
    expect(queues).toEqual(['InteractiveQueue', 'BulkQueue', 'LiveEventsQueue'].map((Ref) => ({ Ref })));
  });

  test('is named nowhere else', () => {
    const naming = Object.entries(connected.resources).filter(([, each]) =>
      JSON.stringify(each).includes('111122223333'),
    );
    expect(naming.map(([id]) => id)).toEqual(['RequestQueuePolicy']);
  });

  /** "Bytes: 8,192. Principals: 50": https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html */
  test(
    'may be one of forty: their policy is within the quotas of SQS',
    () => {
      const ids = Array.from({ length: 40 }, (_, index) => String(111_122_223_333 + index));
      const most = packaged({ upstreamAccounts: ids.join(','), eventBusName: 'b'.repeat(256) });
      const policy = most.resources.RequestQueuePolicy?.Properties.PolicyDocument;
      const principals = policy.Statement.flatMap(({ Principal }: { Principal: string | object }) =>
        typeof Principal === 'string' ? [Principal] : Object.values(Principal).flat(),
      );
      expect(principals.length).toBeGreaterThan(40);
      expect(principals.length).toBeLessThanOrEqual(50);
      expect(JSON.stringify(policy).length).toBeLessThan(8_192);
    },
    LIMIT_MS,
  );
});

describe('the rules of an event bus', () => {
  const rules = ({ resources }: Packaged) =>
    Object.values(resources).filter(({ Type, Properties }) => Type === 'AWS::Events::Rule' && Properties.EventBusName);

  test('may send to the queues and to their dead-letter queue, and no other rule may because of the parameter', () => {
    const statement = {
      Sid: 'RulesOfTheEventBus',
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: '*',
      Condition: { ArnEquals: { 'aws:SourceArn': ruleArns('rule/fixtures') } },
    };
    expect(added()[2]).toEqual(statement);
    expect(statementsOf(connected, 'EventBusDeadLetterQueuePolicy').slice(1)).toEqual([statement]);
  });

  test('have the names that the policies state, the bus of the parameter and a dead-letter queue, and are created after the policies', () => {
    const found = rules(connected);
    expect(found.map(({ Properties }) => Properties.Name)).toEqual([
      'greenroom-prod-room-requested',
      'greenroom-prod-live-events',
    ]);
    for (const { Properties, ...rest } of found) {
      expect(rest).toMatchObject({ DependsOn: ['RequestQueuePolicy', 'EventBusDeadLetterQueuePolicy'] });
      expect(Properties.EventBusName).toBe('fixtures');
      for (const { DeadLetterConfig } of Properties.Targets)
        expect(DeadLetterConfig).toEqual({ Arn: { 'Fn::GetAtt': ['EventBusDeadLetterQueue', 'Arn'] } });
    }
  });

  test(
    'of the default bus have ARNs without the name of the bus',
    () => {
      const withDefault = packaged({ eventBusName: 'default' });
      const [, statement] = statementsOf(withDefault, 'EventBusDeadLetterQueuePolicy');
      expect(statement.Condition).toEqual({ ArnEquals: { 'aws:SourceArn': ruleArns('rule') } });
      expect(rules(withDefault)).toHaveLength(2);
    },
    LIMIT_MS,
  );

  test('lose no event to their dead-letter queue without an alarm, and keep it for 14 days', () => {
    const { EventBusDeadLetterQueue, EventBusDeadLettersAlarm } = connected.resources;
    expect(EventBusDeadLetterQueue).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: { MessageRetentionPeriod: 1_209_600, MaximumMessageSize: 1_048_576, SqsManagedSseEnabled: true },
    });
    expect(EventBusDeadLettersAlarm?.Properties.Dimensions).toEqual([
      { Name: 'QueueName', Value: { 'Fn::GetAtt': ['EventBusDeadLetterQueue', 'QueueName'] } },
    ]);
  });
});

test('the outputs contain the ARN of everything that upstream systems name', () => {
  const arns = ['InteractiveQueue', 'BulkQueue', 'LiveEventsQueue', 'ManifestBucket'];
  for (const id of arns) expect(plain.outputs[`${id}Arn`]).toMatchObject({ Value: { 'Fn::GetAtt': [id, 'Arn'] } });
  expect(plain.outputs.CompletionTopic).toMatchObject({ Value: { Ref: 'CompletionTopic' } });
});

test(
  'the embedded stack has no event bus, so its stage refuses the parameter',
  () => {
    expect(() => packageTemplate('local', { eventBusName: 'fixtures' })).toThrow(
      'eventBusName is fixtures: the emulators have no event bus. Leave it empty',
    );
  },
  LIMIT_MS,
);
