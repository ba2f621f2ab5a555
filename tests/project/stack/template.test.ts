import { beforeAll, describe, expect, test } from '@jest/globals';
import { LIVE_EVENTS_INDEX, ROSTERS_INDEX } from '../../../bench/live-events/deployed.ts';
import { READERS } from '../../../lib/bulk/lane-capacity.ts';
import { MOST_RECEIVES_FOR_NEAR_TURN } from '../../../lib/live-events/hand-over.ts';
import { LISTED_ATTRIBUTES } from '../../../lib/live-events/listed-events.ts';
import { REARM_EVERY_MS } from '../../../lib/live-events/lost-reminders.ts';
import { WAITING_ATTRIBUTES } from '../../../lib/live-events/waiting-events.ts';
import { MAX_RECEIVES, PARKED_AFTER_MS } from '../../../lib/platform/retention.ts';
import { DUE_INDEX_NAME } from '../../../lib/releasing/due-index.ts';
import {
  mostReceives,
  mostReceivesIfThrottled,
  mostReceivesOfPairs,
  mostReceivesOfRosters,
  stretchedAlone,
} from '../../support/count-receives.ts';
import { packageTemplate } from '../../support/package-template.ts';
import { type Resource, resourcesOf } from '../../support/service-folder.ts';

const DAY_SECONDS = 86_400;

let resources: Record<string, Resource>;

/** Packages the template for an account, because the assumptions of the code must hold there, and not only on the local stage. */
beforeAll(() => {
  resources = resourcesOf(packageTemplate('prod').template);
}, 60_000);

function ofType(type: string): [string, Resource['Properties']][] {
  return Object.entries(resources).flatMap(([id, { Type, Properties }]) => (Type === type ? [[id, Properties]] : []));
}

const functions = () => ofType('AWS::Lambda::Function').map(([, properties]) => properties);
const propertiesOf = (id: string) => resources[id]?.Properties;
const variablesOf = (name: string) =>
  functions().find(({ FunctionName }) => FunctionName.endsWith(name)).Environment.Variables;

describe('the queues match the code:', () => {
  /** The settings on which the waits of requests depend. */
  function laneSettings() {
    const variables = variablesOf('provision-rooms');
    const seconds = (name: string) => Number(variables[`GREENROOM_${name}_SECONDS`]);
    const parts = ['SIGNATURE_LIFETIME', 'LISTING_LAG', 'CLOCK_ERROR', 'SEND_WINDOW'];
    const schedule: string[] = variables.GREENROOM_POSTPONE_SCHEDULE_SECONDS.split(',');
    return {
      parkedAfterMs: PARKED_AFTER_MS.lane,
      settleMs: parts.reduce((sum, name) => sum + seconds(name), 0) * 1000,
      likelyMs: (seconds('LISTING_LAG') + seconds('CLOCK_ERROR')) * 1000,
      leaseMs: (functions()[0].Timeout + seconds('CLOCK_ERROR')) * 1000,
      probeScheduleMs: schedule.map((text) => 1000 * Number(text)),
    };
  }

  test('every mapping reports partial batches, and the visibility timeout of its queue is at least six function timeouts', () => {
    const mappings = ofType('AWS::Lambda::EventSourceMapping');
    expect(mappings.length).toBeGreaterThanOrEqual(4);
    for (const [, mapping] of mappings) {
      expect(mapping.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
      const [functionId] = mapping.FunctionName['Fn::GetAtt'];
      const [queueId] = mapping.EventSourceArn['Fn::GetAtt'];
      expect(Number(propertiesOf(queueId).VisibilityTimeout)).toBeGreaterThanOrEqual(
        6 * propertiesOf(functionId).Timeout,
      );
    }
  });

  /**
   * "If the ReceiveCount for a message exceeds the maxReceiveCount for a queue, Amazon SQS moves the message to the dead-letter
   * queue": https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
   */
  test('the receives suffice until a waiting message is parked, and a message that always crashes leaves its queue within a day', () => {
    const lane = laneSettings();
    const stretched = stretchedAlone(lane, MAX_RECEIVES.lane);
    expect(stretched).toEqual(['quota']);
    const waits = [
      ...mostReceives(lane).filter(([reason]) => !stretched.includes(reason)),
      ...mostReceivesOfPairs(lane, MAX_RECEIVES.lane),
    ];
    const { rosters, manifests, liveEvents } = PARKED_AFTER_MS;
    const leaseMs = functions().find(({ FunctionName }) => FunctionName.endsWith('start-bulk-job')).Timeout * 1000;
    const most: Record<string, [string, number][]> = {
      InteractiveQueue: waits,
      BulkQueue: waits,
      RedriveQueue: waits,
      RosterQueue: mostReceivesOfRosters(rosters, leaseMs),
      ManifestQueue: mostReceivesOfRosters(manifests, leaseMs),
      LiveEventsQueue: [...mostReceivesOfRosters(liveEvents, leaseMs), ['not-its-turn', MOST_RECEIVES_FOR_NEAR_TURN]],
    };
    const sources = ofType('AWS::SQS::Queue').filter(([, { RedrivePolicy }]) => RedrivePolicy !== undefined);
    const problems = sources.flatMap(([id, { RedrivePolicy, VisibilityTimeout }]) => {
      const { maxReceiveCount } = RedrivePolicy;
      const crashSeconds = maxReceiveCount * Number(VisibilityTimeout);
      const exceeding = (most[id] ?? [['unknown queue', Number.NaN]]).filter(
        ([, count]) => !(count <= maxReceiveCount),
      );
      return [
        ...exceeding.map(([reason, count]) => `${id}: ${reason} takes ${count} receives of ${maxReceiveCount}`),
        ...(crashSeconds < DAY_SECONDS ? [] : [`${id}: a crashing message stays for ${crashSeconds} s`]),
      ];
    });
    expect(problems).toEqual([]);
  });

  /**
   * "If the invocation fails due to throttling, […] Lambda continues to retry the message until the message's timestamp exceeds your
   * queue's visibility timeout, at which point Lambda drops the message": https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
   */
  test('Lambda may throttle every third receive of a request for eight days, whatever else the request waits for', () => {
    const visibilityTimeoutMs = 1000 * Number(propertiesOf('BulkQueue').VisibilityTimeout);
    const exceeding = (each: number) => {
      const throttling = { maxReceives: MAX_RECEIVES.lane, visibilityTimeoutMs, each };
      const most = mostReceivesIfThrottled(laneSettings(), throttling);
      return most.filter(([, count]) => !(count <= MAX_RECEIVES.lane)).map(([reason]) => reason);
    };
    expect(exceeding(3)).toEqual([]);
    // Control: if every second receive is throttled, most reasons take too many receives.
    expect(exceeding(2)).not.toEqual([]);
  });

  test('a request that only waits because of throttles may be throttled for almost a day', () => {
    for (const id of [
      'InteractiveQueue',
      'BulkQueue',
      'RedriveQueue',
      'LiveEventsQueue',
      'ManifestQueue',
      'RosterQueue',
    ]) {
      const { VisibilityTimeout, RedrivePolicy } = propertiesOf(id);
      expect((Number(VisibilityTimeout) * RedrivePolicy.maxReceiveCount) / 3600).toBeGreaterThan(23);
    }
    const failing = mostReceivesOfRosters(PARKED_AFTER_MS.rosters, 120_000).map(([, count]) => count);
    expect(MAX_RECEIVES.rosters - Math.max(...failing)).toBe(15);
  });

  test('the receive limits of the code are those of the queues', () => {
    const { lane, liveEvents, manifests, rosters } = MAX_RECEIVES;
    const given = ofType('AWS::SQS::Queue').flatMap(([id, { RedrivePolicy }]) =>
      RedrivePolicy ? [[id, RedrivePolicy.maxReceiveCount]] : [],
    );
    expect(Object.fromEntries(given)).toEqual({
      InteractiveQueue: lane,
      BulkQueue: lane,
      RedriveQueue: lane,
      LiveEventsQueue: liveEvents,
      ManifestQueue: manifests,
      RosterQueue: rosters,
    });
  });

  // Packaging refuses more readers (configuration.test.ts). With fewer, each reader uses less than its share of the lane.
  test('the number of readers that share the bulk lane is the one that each reader assumes', () => {
    const mapping = ofType('AWS::Lambda::EventSourceMapping').find(
      ([, { EventSourceArn }]) => EventSourceArn['Fn::GetAtt'][0] === 'ManifestQueue',
    );
    expect(mapping?.[1].ScalingConfig.MaximumConcurrency).toBe(READERS);
  });

  /**
   * "MaximumMessageSize – The limit of how many bytes a message can contain before Amazon SQS rejects it. […] Default: 1,048,576 bytes (1 MiB)":
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
   */
  test('every message of a queue that a function receives from fits into the parked queue together with its note', () => {
    const defaultBytes = 1_048_576;
    const sizeOf = (id: string): number => propertiesOf(id).MaximumMessageSize ?? defaultBytes;
    const polled = ofType('AWS::Lambda::EventSourceMapping').map(([, each]) => each.EventSourceArn['Fn::GetAtt'][0]);
    const inputs = polled.filter((id) => !id.endsWith('DeadLetterQueue'));
    expect(inputs).toHaveLength(6);
    expect(inputs.map((id) => [id, sizeOf(id)])).toEqual(inputs.map((id) => [id, sizeOf('ParkedQueue') - 64 * 1024]));
    // A dead letter must fit into its queue, whose size is the default.
    for (const [id] of ofType('AWS::SQS::Queue'))
      if (/DeadLetterQueue$/.test(id)) expect(sizeOf(id)).toBe(defaultBytes);
  });

  /**
   * "For standard queues, the expiration of a message is always based on its original enqueue timestamp. When a message is moved
   * to a dead-letter queue, the enqueue timestamp is unchanged. […] it is a best practice to always set the retention period of a
   * dead-letter queue to be longer than the retention period of the original queue."
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
   */
  test('a waiting message is parked two days before its queue deletes it, and a dead-letter queue keeps it longer than its source', () => {
    const days = Object.fromEntries(
      ofType('AWS::SQS::Queue').map(([id, { MessageRetentionPeriod }]) => [id, MessageRetentionPeriod / DAY_SECONDS]),
    );
    const parkedAfterDays = (queue: keyof typeof PARKED_AFTER_MS) => PARKED_AFTER_MS[queue] / 1000 / DAY_SECONDS;
    const expected = Object.keys(days).map((id) => {
      if (/DeadLetterQueue$/.test(id)) return [id, parkedAfterDays('deadLetters') + 2];
      if (id === 'ParkedQueue') return [id, 14];
      if (id === 'ManifestQueue') return [id, parkedAfterDays('manifests') + 2];
      if (id === 'RosterQueue') return [id, parkedAfterDays('rosters') + 2];
      return [id, parkedAfterDays(id === 'LiveEventsQueue' ? 'liveEvents' : 'lane') + 2];
    });
    expect(days).toEqual(Object.fromEntries(expected));
    for (const [id, { RedrivePolicy, MessageRetentionPeriod }] of ofType('AWS::SQS::Queue')) {
      const target = RedrivePolicy?.deadLetterTargetArn['Fn::GetAtt'][0];
      if (target)
        expect([id, propertiesOf(target).MessageRetentionPeriod > MessageRetentionPeriod]).toEqual([id, true]);
    }
  });

  test('every input queue has its own dead-letter queue, and all are encrypted', () => {
    const inputs = ['Interactive', 'Bulk', 'Manifest', 'Roster', 'LiveEvents'];
    const targets = inputs.map((id) => propertiesOf(`${id}Queue`).RedrivePolicy.deadLetterTargetArn['Fn::GetAtt'][0]);
    expect(targets).toEqual(inputs.map((id) => `${id}DeadLetterQueue`));
    expect(ofType('AWS::SQS::Queue').every(([, { SqsManagedSseEnabled }]) => SqsManagedSseEnabled)).toBe(true);
  });
});

describe('only operators may send parked requests back:', () => {
  const policies = () => ofType('AWS::SQS::QueuePolicy').map(([, properties]) => properties);
  const queuesOf = (policy: Resource['Properties']) => policy.Queues.map(({ Ref }: { Ref: string }) => Ref);

  test('the policy of the redrive queue allows no senders, so that only IAM decides who may send to it', () => {
    const ofRedrive = policies().filter((policy) => queuesOf(policy).includes('RedriveQueue'));
    const effects = ofRedrive
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement.map(Object))
      .map(({ Effect }) => Effect);
    expect(effects).toEqual(['Deny']);
  });

  test('no function may send to the redrive queue', () => {
    const senders = ofType('AWS::IAM::Role').filter(([, { Policies }]) =>
      Policies.some((policy: Resource['Properties']) =>
        policy.PolicyDocument.Statement.some(
          ({ Action, Resource }: Record<string, unknown>) =>
            JSON.stringify(Action).includes('sqs:SendMessage') && JSON.stringify(Resource).includes('RedriveQueue'),
        ),
      ),
    );
    expect(senders).toEqual([]);
  });

  test('the redrive queue has the settings and the dead-letter queue of the interactive lane', () => {
    const { QueueName, ...redrive } = propertiesOf('RedriveQueue');
    const { QueueName: _, ...lane } = propertiesOf('InteractiveQueue');
    expect(QueueName).toBe('greenroom-prod-redrive');
    expect(redrive).toEqual(lane);
    const mapping = ofType('AWS::Lambda::EventSourceMapping').find(
      ([, { EventSourceArn }]) => EventSourceArn['Fn::GetAtt'][0] === 'RedriveQueue',
    );
    expect(mapping?.[1]).toMatchObject({ BatchSize: 10, ScalingConfig: { MaximumConcurrency: 2 } });
  });
});

describe('the functions that request the members of rosters', () => {
  test('are known to the other functions by the ids of their roles', () => {
    const roleIdOf = (role: string) => ({ 'Fn::GetAtt': [role, 'RoleId'] });
    for (const name of ['provision-rooms', 'announce-dead-letters'])
      expect(variablesOf(name).GREENROOM_ROSTER_SENDER_ROLE_IDS).toEqual({
        'Fn::Join': [',', [roleIdOf('StartBulkJobRole'), roleIdOf('ScheduleLiveEventsRole')]],
      });
  });

  test('have these roles, and no resource depends on itself because of them', () => {
    const roleOf = (name: string) =>
      JSON.stringify(functions().find(({ FunctionName }) => FunctionName.endsWith(name)).Role);
    expect(roleOf('start-bulk-job')).toContain('StartBulkJobRole');
    expect(roleOf('schedule-live-events')).toContain('ScheduleLiveEventsRole');
    for (const id of Object.keys(resources)) expect({ id, on: reachableFrom(id).has(id) }).toEqual({ id, on: false });
  });

  /** The resources that CloudFormation must create before a resource. */
  function reachableFrom(id: string): Set<string> {
    const reached = new Set<string>();
    const open = [id];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const found = namesIn(resources[next]).filter((name) => name in resources && !reached.has(name));
      for (const name of found) reached.add(name);
      open.push(...found);
    }
    return reached;
  }

  /** The logical ids that a value refers to or depends on. */
  function namesIn(value: unknown): string[] {
    if (Array.isArray(value)) return value.flatMap(namesIn);
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, each]) => {
      if (key === 'Ref') return [each];
      if (key === 'DependsOn') return [each].flat();
      if (key === 'Fn::GetAtt') return [each[0]];
      if (key === 'Fn::Sub') return [...JSON.stringify(each).matchAll(/\$\{(\w+)/g)].flatMap(([, name]) => name ?? []);
      return namesIn(each);
    });
  }
});

describe('the roles of the functions', () => {
  const actionsOf = (roleId: string): string[] =>
    resources[roleId]?.Properties.Policies.flatMap((policy: Resource['Properties']) =>
      policy.PolicyDocument.Statement.flatMap(({ Action }: { Action: string | string[] }) => Action),
    ).sort();

  test('are not shared', () => {
    const roles = functions().map(({ Role }) => JSON.stringify(Role));
    expect(new Set(roles).size).toBe(functions().length);
  });

  const LOGS = ['logs:CreateLogStream', 'logs:PutLogEvents'];
  const TAKE = ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];
  const ANSWER = ['dynamodb:UpdateItem', 'sns:Publish', 'sqs:SendMessage'];

  test.each([
    [
      'ProvisionRoomsRole',
      [
        ...LOGS,
        ...TAKE,
        ...ANSWER,
        'ivschat:CreateRoom',
        'ivschat:DeleteRoom',
        'ivschat:GetRoom',
        'ivschat:ListRooms',
        'ivschat:TagResource',
      ],
    ],
    [
      'AnnounceDeadLettersRole',
      [...LOGS, ...TAKE, ...ANSWER, 'ivschat:DeleteRoom', 'ivschat:GetRoom', 'ivschat:ListRooms'],
    ],
    [
      'StartBulkJobRole',
      [
        ...LOGS,
        ...TAKE,
        ...ANSWER,
        'dynamodb:GetItem',
        'dynamodb:Query',
        's3:GetObject',
        's3:ListBucket',
        'sqs:GetQueueAttributes',
      ],
    ],
    [
      'TrackRostersRole',
      [
        ...LOGS,
        ...TAKE,
        'dynamodb:BatchGetItem',
        'dynamodb:GetItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
        'dynamodb:UpdateItem',
        's3:AbortMultipartUpload',
        's3:PutObject',
        'sns:Publish',
        'sqs:SendMessage',
      ],
    ],
    [
      'ScheduleLiveEventsRole',
      [
        ...LOGS,
        ...TAKE,
        ...TAKE.slice(1),
        'dynamodb:GetItem',
        'dynamodb:GetItem',
        'dynamodb:Query',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
        'iam:PassRole',
        'scheduler:CreateSchedule',
        'scheduler:DeleteSchedule',
        'scheduler:UpdateSchedule',
        'sns:Publish',
        'sqs:SendMessage',
      ],
    ],
    ['SchedulerRole', ['sqs:SendMessage']],
    ['SweepRoomsRole', [...LOGS, 'dynamodb:GetItem', 'dynamodb:UpdateItem', 'ivschat:DeleteRoom', 'ivschat:ListRooms']],
    [
      'ReleaseRoomsRole',
      [
        ...LOGS,
        'dynamodb:GetItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
        'dynamodb:UpdateItem',
        'ivschat:DeleteRoom',
        'ivschat:GetRoom',
        'sns:Publish',
      ],
    ],
  ])('allow exactly the calls of their code: %s', (role, actions) => {
    expect(actionsOf(role)).toEqual(actions.sort());
  });

  test('let EventBridge Scheduler send only to its two queues, and only for greenroom’s schedules', () => {
    const statementsOf = (role: string) => propertiesOf(role).Policies[0].PolicyDocument.Statement;
    const arnOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
    expect(statementsOf('SchedulerRole')[0].Resource).toEqual([
      arnOf('LiveEventsQueue'),
      arnOf('SchedulerDeadLetterQueue'),
    ]);
    const trust = propertiesOf('SchedulerRole').AssumeRolePolicyDocument.Statement[0];
    expect(trust.Condition.StringEquals['aws:SourceArn']).toEqual(arnOf('LiveEventsScheduleGroup'));
    const passing = statementsOf('ScheduleLiveEventsRole').find(
      ({ Action }: { Action: unknown }) => Action === 'iam:PassRole',
    );
    expect(passing.Resource).toEqual(arnOf('SchedulerRole'));
    expect(passing.Condition.StringEquals).toEqual({ 'iam:PassedToService': 'scheduler.amazonaws.com' });
    const variables = variablesOf('schedule-live-events');
    expect(variables.GREENROOM_SCHEDULE_GROUP).toEqual({ Ref: 'LiveEventsScheduleGroup' });
    const { Name } = propertiesOf('LiveEventsScheduleGroup');
    const schedules = statementsOf('ScheduleLiveEventsRole').find(
      ({ Sid }: { Sid: string }) => Sid === 'KeepSchedules',
    );
    expect(schedules.Resource['Fn::Sub']).toMatch(new RegExp(`:schedule/${Name}/\\*$`));
  });

  /**
   * The types of resources on which an action can be granted. "If you specify a resource-level permission ARN in a statement using
   * this action, then it must be of this type": https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
   * (Query and Scan: index and table; all other actions on items: table alone), list_amazons3.html, list_amazonsqs.html,
   * list_amazonsns.html, list_amazoneventbridgescheduler.html, list_ivschat.html, list_amazoncloudwatchlogs.html.
   */
  const KINDS_OF_ACTION: [RegExp, string[]][] = [
    [/^dynamodb:(Query|Scan)$/, ['table', 'index']],
    [/^dynamodb:(BatchGet|Get|Put|Update|Delete|ConditionCheck)Item$/, ['table']],
    [/^s3:(GetObject|PutObject|AbortMultipartUpload)$/, ['object']],
    [/^s3:ListBucket$/, ['bucket']],
    [/^sqs:/, ['queue']],
    [/^sns:Publish$/, ['topic']],
    [/^scheduler:(Create|Update|Delete|Get)Schedule$/, ['schedule']],
    [/^iam:PassRole$/, ['role']],
    [/^ivschat:((Create|Get|Delete|Update)Room|ListRooms|TagResource)$/, ['room']],
    [/^logs:(CreateLogStream|PutLogEvents)$/, ['log-stream']],
  ];

  /** The forms of a Resource in a statement. A type in angle brackets stands for the ARN of a resource of the template. */
  const KINDS: [RegExp, string][] = [
    [/^<AWS::DynamoDB::Table>$/, 'table'],
    [/^<AWS::DynamoDB::Table>\/index\//, 'index'],
    [/^<AWS::S3::Bucket>$/, 'bucket'],
    [/^<AWS::S3::Bucket>\/./, 'object'],
    [/^<AWS::SQS::Queue>$/, 'queue'],
    [/^<AWS::SNS::Topic>$/, 'topic'],
    [/^<AWS::IAM::Role>$/, 'role'],
    [/:schedule\/[^/]+\/\*$/, 'schedule'],
    [/:ivschat:.*:room\/\*$/, 'room'],
    [/:log-group:[^:]+:\*$/, 'log-stream'],
  ];

  /** Undefined for an unknown form of a Resource, which matches no action. */
  function kindOf(resource: Resource['Properties']): string | undefined {
    const typed = (id: string) => `<${resources[id]?.Type}>`;
    const { Ref, 'Fn::GetAtt': [owner] = [], 'Fn::Sub': pattern } = resource;
    const text: string = pattern ?? ((Ref ?? owner) ? typed(Ref ?? owner) : resource);
    const named = text.replace(/\$\{(\w+)\.Arn\}/g, (_arn, id) => typed(id));
    return KINDS.find(([looks]) => looks.test(named))?.[1];
  }

  test('grant every action on resources of a type that the action supports', () => {
    const misfits = ofType('AWS::IAM::Role').flatMap(([role, { Policies }]) =>
      Policies.flatMap((policy: Resource['Properties']) => policy.PolicyDocument.Statement)
        .flatMap(({ Action, Resource: on }: Resource['Properties']) =>
          [Action].flat().flatMap((action) => [on].flat().map((resource) => ({ action, kind: kindOf(resource) }))),
        )
        .filter(({ action, kind }: { action: string; kind: string | undefined }) => {
          const [, kinds = []] = KINDS_OF_ACTION.find(([actions]) => actions.test(action)) ?? [];
          return kind === undefined || !kinds.includes(kind);
        })
        .map(({ action, kind }: { action: string; kind: string | undefined }) => `${role}: ${action} on ${kind}`),
    );
    expect(misfits).toEqual([]);
  });
});

test('a rule makes schedule-live-events restore missing reminders as often as its code assumes', () => {
  const [functionId = ''] =
    ofType('AWS::Lambda::Function').find(([, { FunctionName }]) => FunctionName.endsWith('schedule-live-events')) ?? [];
  const arn = { 'Fn::GetAtt': [functionId, 'Arn'] };
  const rules = ofType('AWS::Events::Rule').filter(([, { Targets }]) => JSON.stringify(Targets).includes(functionId));
  expect(rules).toMatchObject([
    [expect.any(String), { ScheduleExpression: `rate(${REARM_EVERY_MS / 60_000} minutes)`, State: 'ENABLED' }],
  ]);
  const permissions = ofType('AWS::Lambda::Permission').filter(
    ([, { Principal, FunctionName }]) =>
      Principal === 'events.amazonaws.com' && JSON.stringify(FunctionName) === JSON.stringify(arn),
  );
  expect(permissions).toHaveLength(1);
});

describe('the releases of rooms', () => {
  const releaser = () =>
    ofType('AWS::Lambda::Function').find(([, { FunctionName }]) => /release-rooms$/.test(FunctionName));

  /**
   * "If the function returns an error, by default Lambda attempts to run it two more times". For throttling, "Lambda returns the event to the
   * queue and attempts to run the function again for up to 6 hours by default":
   * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
   */
  test('start every minute, and an event of an earlier minute is not repeated', () => {
    const [functionId = ''] = releaser() ?? [];
    const rules = ofType('AWS::Events::Rule').filter(([, { Targets }]) => JSON.stringify(Targets).includes(functionId));
    expect(rules).toMatchObject([[expect.any(String), { ScheduleExpression: 'rate(1 minute)', State: 'ENABLED' }]]);
    expect(ofType('AWS::Lambda::EventInvokeConfig')).toMatchObject([
      [
        expect.any(String),
        { FunctionName: { Ref: functionId }, MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      ],
    ]);
  });

  test('continue until the next invocation has started, so that no slot of the quota is lost', () => {
    const [, { Timeout, Environment }] = releaser() ?? [];
    const sendsForSeconds = Timeout - Number(Environment.Variables.GREENROOM_CALL_TIMEOUT_SECONDS) - 3;
    expect(sendsForSeconds).toBeGreaterThanOrEqual(75);
  });
});

describe('the stored data', () => {
  test('has the indexes that the tests use, and that of live events has all attributes that its queries request', () => {
    const index = resources.RosterTable?.Properties.GlobalSecondaryIndexes;
    expect(index).toEqual([LIVE_EVENTS_INDEX, ROSTERS_INDEX]);
    // DynamoDB refuses a query that requests other attributes. The emulated one only omits them.
    expect(index[0].Projection.NonKeyAttributes).toEqual(
      expect.arrayContaining([...WAITING_ATTRIBUTES, ...LISTED_ATTRIBUTES]),
    );
  });

  test('has the index that the releaser queries, and the index contains only keys', () => {
    const { AttributeDefinitions, GlobalSecondaryIndexes } = propertiesOf('LedgerTable');
    expect(GlobalSecondaryIndexes).toEqual([
      {
        IndexName: DUE_INDEX_NAME,
        KeySchema: [
          { AttributeName: 'release_shard', KeyType: 'HASH' },
          { AttributeName: 'release_look_at', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ]);
    expect(AttributeDefinitions).toContainEqual({ AttributeName: 'release_shard', AttributeType: 'S' });
    expect(AttributeDefinitions).toContainEqual({ AttributeName: 'release_look_at', AttributeType: 'N' });
    const querying = propertiesOf('ReleaseRoomsRole').Policies[0].PolicyDocument.Statement.find(
      ({ Action }: { Action: unknown }) => Action === 'dynamodb:Query',
    );
    expect(querying.Resource).toEqual({ 'Fn::Sub': `\${LedgerTable.Arn}/index/${DUE_INDEX_NAME}` });
  });

  test('a key is kept longer than any message', () => {
    expect(Number(variablesOf('provision-rooms').GREENROOM_KEY_RETENTION_DAYS)).toBeGreaterThanOrEqual(28);
  });
});
