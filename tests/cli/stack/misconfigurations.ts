import {
  CreateTableCommand,
  DeleteItemCommand,
  PutItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  PutBucketNotificationConfigurationCommand,
} from '@aws-sdk/client-s3';
import { ListSubscriptionsByTopicCommand, SubscribeCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { FindingName } from '../../../client/operate/doctor/finding.ts';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { releaseShard } from '../../../lib/ledger/wish.ts';
import { type FakeFunction, functionKey } from '../../support/fake-aws/account.ts';
import { REGION } from '../../support/gateway-clients.ts';
import { roomItem } from '../../support/ledger-items.ts';
import { must } from '../../support/must.ts';
import { type DoctorStage, STAGE } from './doctor-stage.ts';

/** A mistake in a deployed stage, made in one place. The test itself restores the fake account. */
export interface Misconfiguration {
  what: string;
  finding: FindingName;
  /** A part of the finding's message that names the affected resource. */
  names: string;
  /** @returns a function (or a promise of one) that undoes the mistake, unless only the fake account and the pace table changed */
  make(stage: DoctorStage): unknown;
}

const fn = (stage: DoctorStage, name: string): FakeFunction =>
  must(stage.account.functions.get(functionKey(REGION, `greenroom-${STAGE}-${name}`)));
const mappingOf = (stage: DoctorStage, queue: string) =>
  must(
    [...stage.account.mappings.values()].find(({ EventSourceArn }) =>
      EventSourceArn?.endsWith(`:greenroom-${STAGE}-${queue}`),
    ),
  );
const alarms = ({ account }: DoctorStage) => [...account.alarms.values()];
const topicOf = ({ account }: DoctorStage) => must([...account.topics.values()][0]);
const BUCKET = `greenroom-${STAGE}-000000000000-${REGION}`;
const pace = (region: string) => `${region}#CreateRoom`;
const hoursAgo = (hours: number) => Date.now() - hours * 3_600_000;

async function setPolicy(stage: DoctorStage, queue: string, Policy: string) {
  const QueueUrl = await stage.queueUrl(queue);
  const read = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] });
  const before = (await stage.clients.sqs.send(read)).Attributes?.Policy ?? '';
  const set = (policy: string) =>
    stage.clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy: policy } }));
  await set(Policy);
  return () => set(before);
}

const EVENTS_ONLY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' },
  ],
});

async function sendTo(stage: DoctorStage, queue: string) {
  await stage.send(queue);
  return () => stage.purge(queue);
}

export const MISCONFIGURATIONS: Misconfiguration[] = [
  {
    what: 'a queue is gone',
    finding: 'queue-missing',
    names: `greenroom-${STAGE}-scheduler-dead-letters`,
    make: ({ account }) => account.missingQueues.add(`greenroom-${STAGE}-scheduler-dead-letters`),
  },
  {
    what: 'nearly as many messages are in flight as SQS allows',
    finding: 'queue-nearly-full',
    names: '100001 messages',
    make: ({ account }) =>
      account.queueAttributes.set(`greenroom-${STAGE}-bulk`, { ApproximateNumberOfMessagesNotVisible: '100001' }),
  },
  {
    what: 'an import is in the interactive lane',
    finding: 'queue-backlog',
    names: '4501 requests',
    make: ({ account }) =>
      account.queueAttributes.set(`greenroom-${STAGE}-interactive`, { ApproximateNumberOfMessages: '4501' }),
  },
  {
    what: 'a queue has no dead-letter queue',
    finding: 'queue-without-dead-letter-queue',
    names: `greenroom-${STAGE}-rosters`,
    make: ({ account }) => account.queueAttributes.set(`greenroom-${STAGE}-rosters`, { RedrivePolicy: undefined }),
  },
  {
    what: 'a table is gone',
    finding: 'table-missing',
    names: `greenroom-${STAGE}-rosters`,
    make: ({ account }) => account.tables.delete(`greenroom-${STAGE}-rosters`),
  },
  {
    what: 'the stack is gone',
    finding: 'stack-missing',
    names: `greenroom-${STAGE}`,
    make: ({ account }) => {
      account.stack = undefined;
    },
  },
  {
    what: 'an event source mapping is disabled',
    finding: 'mapping-disabled',
    names: `greenroom-${STAGE}-bulk`,
    make: (stage) => {
      mappingOf(stage, 'bulk').State = 'Disabled';
    },
  },
  {
    what: 'an event source mapping does not report partial batches',
    finding: 'mapping-without-partial-batches',
    names: `greenroom-${STAGE}-interactive`,
    make: (stage) => {
      mappingOf(stage, 'interactive').FunctionResponseTypes = [];
    },
  },
  {
    what: 'an event source mapping was deleted by hand',
    finding: 'mapping-missing',
    names: 'EventSourceMapping',
    make: (stage) => stage.account.mappings.delete(must(mappingOf(stage, 'rosters').UUID)),
  },
  {
    what: 'a function was deleted by hand',
    finding: 'function-missing',
    names: `greenroom-${STAGE}-sweep-rooms`,
    make: (stage) => stage.account.functions.delete(functionKey(REGION, `greenroom-${STAGE}-sweep-rooms`)),
  },
  {
    what: 'a function could not be updated',
    finding: 'function-not-active',
    names: 'kms',
    make: (stage) =>
      Object.assign(fn(stage, 'sweep-rooms'), {
        LastUpdateStatus: 'Failed',
        LastUpdateStatusReason: 'kms key disabled',
      }),
  },
  {
    what: 'a queue hides messages for less than six timeouts of its function',
    finding: 'visibility-timeout-too-short',
    names: `greenroom-${STAGE}-manifests`,
    make: (stage) => {
      fn(stage, 'start-bulk-job').Timeout = 11;
    },
  },
  {
    what: 'the account may run fewer functions at once than the mappings start',
    finding: 'account-concurrency-too-low',
    names: 'unreserved concurrency of 10',
    make: (stage) => {
      stage.account.unreservedConcurrency = 10;
    },
  },
  {
    what: 'a function reserves less concurrency than its mappings start',
    finding: 'reserved-concurrency-too-low',
    names: `greenroom-${STAGE}-provision-rooms`,
    make: (stage) => {
      fn(stage, 'provision-rooms').reserved = 5;
    },
  },
  {
    what: 'the policy of the manifest queue lacks the bucket',
    finding: 'manifest-queue-closed-to-bucket',
    names: `greenroom-${STAGE}-manifests`,
    make: (stage) => setPolicy(stage, 'manifests', EVENTS_ONLY),
  },
  {
    what: 'the policy of the roster queue lacks the topic',
    finding: 'roster-queue-closed-to-topic',
    names: `greenroom-${STAGE}-rosters`,
    make: (stage) => setPolicy(stage, 'rosters', EVENTS_ONLY),
  },
  {
    what: 'the bucket announces no manifests',
    finding: 'bucket-announces-nothing',
    names: `greenroom-${STAGE}-000000000000`,
    async make(stage) {
      await announceFrom(stage, 'uploads/');
      return () => announceFrom(stage, 'manifests/');
    },
  },
  {
    what: 'the queue of the roster tracker is not subscribed to the completions',
    finding: 'roster-subscription-missing',
    names: `greenroom-${STAGE}-completions`,
    async make({ clients: { sns }, deployment }) {
      const TopicArn = await deployment.completionTopicArn();
      const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
      const { SubscriptionArn, Endpoint } = must(Subscriptions[0]);
      await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
      return () => sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
    },
  },
  {
    what: 'dead letters are left',
    finding: 'dead-letters-present',
    names: `greenroom-${STAGE}-rosters-dead-letters`,
    make: (stage) => sendTo(stage, 'rosters-dead-letters'),
  },
  {
    what: 'messages are parked',
    finding: 'messages-parked',
    names: `1 message in greenroom-${STAGE}-parked`,
    make: (stage) => sendTo(stage, 'parked'),
  },
  {
    what: 'the breaker of a region is open, as a worker of the previous release has stored it',
    finding: 'breaker-open',
    names: 'us-east-1 accepts no rooms: its room quota is reached, or the account is blocked',
    make: ({ putPace }) => putPace(pace('us-east-1'), { deployed_ceiling: 5, open_until: Date.now() }),
  },
  ...(
    [
      ['quota', 'it has as many rooms as its quota allows (quota)'],
      ['blocked', 'AWS has not verified the account yet (blocked)'],
      ['denied', 'access to CreateRoom is denied (denied)'],
    ] as const
  ).map(([open_reason, names]): Misconfiguration => {
    const open = { open_until: Date.now(), opened_at: hoursAgo(1), open_reason };
    return {
      what: `the breaker of a region is open for the reason ${open_reason}`,
      finding: 'breaker-open',
      names,
      make: ({ putPace }) => putPace(pace('us-east-1'), { deployed_ceiling: 5, ...open }),
    };
  }),
  {
    what: 'a lane is paused',
    finding: 'lane-paused',
    names: 'bulk lane is paused in ap-south-1',
    make: ({ putPace }) => putPace(pace('ap-south-1'), { deployed_ceiling: 5, bulk_paused_until: hoursAgo(-1) }),
  },
  {
    what: 'an operator has set a rate above the quota',
    finding: 'rate-above-quota',
    names: '8 CreateRoom calls a second in eu-central-1',
    make: ({ putPace }) => putPace(pace('eu-central-1'), { deployed_ceiling: 5, ceiling: 8 }),
  },
  {
    what: 'two stages together exceed the quota',
    finding: 'rates-of-stages-above-quota',
    names: '7 CreateRoom calls a second in eu-west-1 (prod 5, test 2)',
    async make({ clients: { dynamodb }, putPace }) {
      const shape = {
        TableName: 'greenroom-test-pace',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      } as const;
      await dynamodb.send(
        new CreateTableCommand({
          ...shape,
          AttributeDefinitions: [...shape.AttributeDefinitions],
          KeySchema: [...shape.KeySchema],
        }),
      );
      await putPace(pace(REGION), { deployed_ceiling: 2 }, 'test');
      return () => putPace(pace(REGION), { deployed_ceiling: 0 }, 'test');
    },
  },
  {
    what: 'an alarm has no action',
    finding: 'alarm-without-action',
    names: '1 alarm without an action',
    make: (stage) => {
      must(alarms(stage)[0]).AlarmActions = [];
    },
  },
  {
    what: 'the actions of an alarm are disabled',
    finding: 'alarm-actions-disabled',
    names: 'Alarm',
    make: (stage) => {
      must(alarms(stage)[1]).ActionsEnabled = false;
    },
  },
  {
    what: 'an alarm was deleted by hand',
    finding: 'alarms-missing',
    names: 'Alarm',
    make: ({ account }) => account.alarms.delete(must([...account.alarms.keys()][0])),
  },
  {
    what: 'an alarm is on',
    finding: 'alarm-on',
    names: 'Alarm',
    make: (stage) => {
      must(alarms(stage)[2]).StateValue = 'ALARM';
    },
  },
  {
    what: 'the subscription of the alarm topic was not confirmed',
    finding: 'alarm-topic-without-subscription',
    names: 'on-call@example.com',
    make: (stage) => {
      for (const each of topicOf(stage).subscriptions) each.SubscriptionArn = 'PendingConfirmation';
    },
  },
  {
    what: 'CloudWatch may not publish to the alarm topic',
    finding: 'alarm-topic-closed',
    names: 'on-call',
    make: (stage) => {
      topicOf(stage).attributes.Policy = EVENTS_ONLY;
    },
  },
  {
    what: 'the alarm topic is encrypted with a key that CloudWatch may not use',
    finding: 'alarm-topic-encrypted',
    names: 'alias/aws/sns',
    make: (stage) => {
      topicOf(stage).attributes.KmsMasterKeyId = 'alias/aws/sns';
    },
  },
  {
    what: 'the alarm topic does not exist',
    finding: 'alarm-topic-missing',
    names: 'on-call',
    make: ({ account }) => account.topics.clear(),
  },
  {
    what: 'a table is not protected from deletion',
    finding: 'table-unprotected',
    names: `greenroom-${STAGE}-ledger`,
    make: ({ account }) => {
      must(account.tables.get(`greenroom-${STAGE}-ledger`)).isProtected = false;
    },
  },
  {
    what: 'point-in-time recovery is off',
    finding: 'point-in-time-recovery-off',
    names: `greenroom-${STAGE}-rosters`,
    make: ({ account }) => {
      must(account.tables.get(`greenroom-${STAGE}-rosters`)).hasBackups = false;
    },
  },
  {
    what: 'the time to live is off',
    finding: 'time-to-live-off',
    names: `greenroom-${STAGE}-ledger`,
    async make({ clients: { dynamodb } }) {
      const set = (Enabled: boolean) =>
        dynamodb.send(
          new UpdateTimeToLiveCommand({
            TableName: `greenroom-${STAGE}-ledger`,
            TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled },
          }),
        );
      await set(false);
      return () => set(true);
    },
  },
  {
    what: 'the schedule of the releases is disabled',
    finding: 'rule-disabled',
    names: 'release-rooms does not run, although its schedule is rate(1 minute)',
    make: ({ account }) => {
      must(ruleOf(account, 'ReleaseDashrooms')).State = 'DISABLED';
    },
  },
  {
    what: 'the schedule of the sweep was deleted by hand',
    finding: 'rule-missing',
    names: 'sweep-rooms does not run',
    make: ({ account }) => account.rules.delete(must([...account.rules.keys()].find((name) => /SweepDash/.test(name)))),
  },
  {
    what: 'a rule on an event bus of the account is disabled',
    finding: 'rule-disabled',
    names: 'RoomRequestedRule is in the state DISABLED, so events on the bus do not reach the queue',
    make: ({ account }) => {
      const physicalId = `company|greenroom-${STAGE}-room-requested`;
      must(account.stack).resources.push({ logicalId: 'RoomRequestedRule', physicalId, type: 'AWS::Events::Rule' });
      account.rules.set(physicalId, { State: 'DISABLED' });
    },
  },
  {
    what: 'releases are switched off although a room waits for its release',
    finding: 'releases-switched-off',
    names: 'releases=false',
    make: (stage) => {
      must(must(fn(stage, 'release-rooms').Environment).Variables).GREENROOM_RELEASES = 'false';
      return waitingRoom(stage, { dueAtMs: hoursAgo(-24), lookAtMs: hoursAgo(-24) });
    },
  },
  {
    what: 'releases have been stopped for a day',
    finding: 'releases-stopped',
    names: 'The releases in eu-west-1 have been stopped by an operator for 24 hours',
    async make(stage) {
      const putStop = (item: object) => stage.putPace(`${REGION}#DeleteRoom`, { deployed_ceiling: 5, ...item });
      await putStop({ stopped_at: hoursAgo(24) });
      const undo = await waitingRoom(stage, { dueAtMs: hoursAgo(1), lookAtMs: hoursAgo(1) });
      return async () => {
        await undo();
        await putStop({});
      };
    },
  },
  {
    what: 'no room is released although one has been due for an hour',
    finding: 'releases-overdue',
    names: '1 room of eu-west-1',
    make: (stage) => waitingRoom(stage, { dueAtMs: hoursAgo(1), lookAtMs: hoursAgo(1) }),
  },
  {
    what: 'the permission to delete rooms is missing, so a due room waits for its next attempt',
    finding: 'releases-denied',
    names: '1 room of eu-west-1 cannot be released',
    make: (stage) =>
      waitingRoom(stage, {
        ...{ dueAtMs: hoursAgo(2), lookAtMs: hoursAgo(-0.5) },
        changes: { release_denied_since: hoursAgo(1) },
      }),
  },
  {
    what: 'the sweep has never run',
    finding: 'sweep-never-ran',
    names: 'never run',
    make: ({ putPace }) => putPace('sweep', {}),
  },
  {
    what: 'the sweep ran long ago',
    finding: 'sweep-overdue',
    names: 'every hour',
    make: (stage) => countRooms(stage, { startedAtMs: hoursAgo(4) }),
  },
  {
    what: 'the rooms of a region were last counted days ago',
    finding: 'room-count-outdated',
    names: 'us-west-2',
    make: (stage) => countRooms(stage, { atMs: hoursAgo(49) }),
  },
  {
    what: 'the room quota is nearly reached',
    finding: 'room-quota-nearly-reached',
    names: 'us-west-2 had 40000 of 50000 rooms',
    make: (stage) => countRooms(stage, { rooms: 40_000 }),
  },
  {
    what: 'the room quota that the account was granted is reached',
    finding: 'room-quota-reached',
    names: 'us-west-2 had 100 of 100 rooms',
    make: ({ account }) => {
      account.quotas = (region) => ({
        applied: region === 'us-west-2' ? [{ QuotaName: 'Rooms', Value: 100 }] : [],
        defaults: [{ QuotaName: 'Rooms', Value: 50_000 }],
      });
    },
  },
  {
    what: 'the stack could not be updated',
    finding: 'stack-unfinished',
    names: 'UPDATE_ROLLBACK_FAILED',
    make: ({ account }) => {
      must(account.stack).status = 'UPDATE_ROLLBACK_FAILED';
    },
  },
  {
    what: 'the stack may be removed',
    finding: 'stack-unprotected',
    names: `greenroom-${STAGE}`,
    make: ({ account }) => {
      must(account.stack).isProtected = false;
    },
  },
  {
    what: 'the stack lacks an output',
    finding: 'output-missing',
    names: 'ParkedQueue',
    make: ({ account }) => delete must(account.stack).outputs.ParkedQueue,
  },
  {
    what: 'the stack has a table other than the one that the commands use',
    finding: 'output-of-another-resource',
    names: 'greenroom-ledger-2',
    make: ({ account }) => {
      must(account.stack).outputs.LedgerTable = 'greenroom-ledger-2';
    },
  },
  {
    what: 'the permission to read the pace is missing',
    finding: 'permission-missing',
    names: 'dynamodb:GetItem',
    make: ({ account }) => account.denied.add('dynamodb:GetItem'),
  },
  {
    what: 'the bucket is gone',
    finding: 'bucket-missing',
    names: `greenroom-${STAGE}-000000000000`,
    async make(stage) {
      const { s3 } = stage.clients;
      await s3.send(new DeleteBucketCommand({ Bucket: BUCKET }));
      return async () => {
        await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
        await announceFrom(stage, 'manifests/');
      };
    },
  },
];

/** The rule whose name begins with this logical id. */
function ruleOf({ rules }: DoctorStage['account'], start: string) {
  return [...rules].find(([name]) => name.includes(start))?.[1];
}

/** Stores a room that the due index lists. @returns removes it */
async function waitingRoom(
  { clients: { dynamodb } }: DoctorStage,
  { dueAtMs, lookAtMs, changes = {} }: { dueAtMs: number; lookAtMs: number; changes?: object },
): Promise<() => Promise<unknown>> {
  const TableName = `greenroom-${STAGE}-ledger`;
  const id = ledgerKey('waiting');
  const item = roomItem({
    ...{ id, idempotency_key: 'waiting', status: 'COMPLETED', schema_version: 2, decided_at: dueAtMs - 1_000 },
    ...{ release_at: dueAtMs, release_wished_at: dueAtMs - 1_000, release_due_at: dueAtMs },
    ...{ release_shard: releaseShard({ id, region: REGION }), release_look_at: lookAtMs },
    ...changes,
  });
  const stored = { ...item, completion: JSON.stringify(item.completion) };
  await dynamodb.send(new PutItemCommand({ TableName, Item: marshall(stored, { removeUndefinedValues: true }) }));
  return () => dynamodb.send(new DeleteItemCommand({ TableName, Key: { id: { S: id } } }));
}

/** Lets the bucket announce new objects under a prefix to the queue of manifests. */
async function announceFrom({ clients, account }: DoctorStage, prefix: string): Promise<void> {
  const QueueArn = `arn:aws:sqs:${REGION}:${account.accountId}:greenroom-${STAGE}-manifests`;
  const Filter = { Key: { FilterRules: [{ Name: 'prefix' as const, Value: prefix }] } };
  const QueueConfigurations = [{ QueueArn, Events: ['s3:ObjectCreated:*' as const], Filter }];
  const NotificationConfiguration = { QueueConfigurations };
  await clients.s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: BUCKET, NotificationConfiguration }));
}

/** Stores what a sweep a few minutes ago would have stored, with the given count for one region. */
async function countRooms(
  { putPace }: DoctorStage,
  {
    startedAtMs = hoursAgo(0.1),
    rooms = 100,
    atMs = hoursAgo(0.1),
  }: { startedAtMs?: number; rooms?: number; atMs?: number },
): Promise<undefined> {
  const others = ['us-east-1', 'ap-south-1', 'ap-northeast-1', 'ap-northeast-2', 'eu-central-1', 'eu-west-1'];
  const counts = others.map((region) => [`rooms_${region.replaceAll('-', '_')}`, { rooms: 100, at: hoursAgo(0.1) }]);
  const item = { started_at: startedAtMs, ...Object.fromEntries(counts), rooms_us_west_2: { rooms, at: atMs } };
  await putPace('sweep', item);
}
