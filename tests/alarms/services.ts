import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IvschatClient } from '@aws-sdk/client-ivschat';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { inProcess } from '../../bench/live-events/in-process-client.ts';
import { openDynamoDb } from '../../emulator/dynamodb/dynamodb.ts';
import { createIvsChat } from '../../emulator/ivschat/ivs-chat.ts';
import { DEFAULT_QUOTAS } from '../../emulator/ivschat/quotas.ts';
import { createScheduler } from '../../emulator/scheduler/scheduler.ts';
import type { ServiceRequest, ServiceResponse } from '../../emulator/service.ts';
import { createResources } from '../../emulator/template/create-resources.ts';
import { createMemoryMessaging } from '../../simulation/memory-messaging.ts';
import type { MemoryQueue, QueueSettings } from '../../simulation/memory-queue.ts';
import { unverifiedSigner } from '../../simulation/unverified-signer.ts';
import { s3Client } from '../support/bulk-desk.ts';
import { createMemoryS3 } from '../support/memory-s3.ts';
import { type Deployed, REGION } from './compiled-template.ts';
import { openPermissions } from './permissions.ts';

/** The access key id of processes that have crashed. */
const DEAD = 'dead';

export type ServiceName = 'dynamodb' | 'ivschat' | 's3' | 'scheduler' | 'sns' | 'sqs';

/** One call to AWS. `action`: for S3 and IVS Chat the path */
export interface AwsCall {
  service: ServiceName;
  action: string;
  region: string;
  input: string;
}

/**
 * `NumberOfNotificationsFailed`: "The number of messages that Amazon SNS failed to deliver. For Amazon SQS, email, SMS, or mobile push
 * endpoints, the metric increments by 1 when Amazon SNS stops attempting message deliveries. For HTTP or HTTPS endpoints, the metric
 * includes every failed delivery attempt": https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
 */
export type SnsMetric = 'NumberOfNotificationsFailed' | 'NumberOfNotificationsRedrivenToDlq';

export interface ServicesSettings {
  nowMs(): number;
  /** Called with SNS's metrics for each message of the topic that SNS cannot deliver. */
  onUndelivered(metrics: readonly SnsMetric[]): void;
  settingsOf(queueName: string): QueueSettings;
}

/** The AWS services, emulated in this process, with the SDK's real clients. A test can make any call fail. */
export async function openServices(deployed: Deployed, { nowMs, onUndelivered, settingsOf }: ServicesSettings) {
  let isRefused: (call: AwsCall) => boolean = () => false;
  let callsUnderWay = 0;
  const dynamodb = await openDynamoDb(undefined, nowMs);
  const messaging = createMemoryMessaging(nowMs, settingsOf);
  const s3 = createMemoryS3();
  const ivsChat = createIvsChat({
    now: nowMs,
    random: () => 0.999_999,
    signatureLifetimeMs: 900_000,
    listingLagMs: 0,
  });
  const queueOf = (arn: string): MemoryQueue => messaging.queue(arn.split(':').at(-1) ?? '');
  const scheduler = createScheduler({
    now: nowMs,
    random: () => 0.5,
    accountId: '000000000000',
    send: async (queueArn, body) => {
      if (isRefused({ service: 'scheduler', action: 'deliver', region: REGION, input: queueArn }))
        throw new Error('AccessDenied');
      queueOf(queueArn).send(body);
    },
  });

  const permissions = await openPermissions(deployed, ivsChat.tagsOf);

  function through(
    accessKeyId: string,
    service: ServiceName,
    handle: (request: ServiceRequest) => Promise<ServiceResponse>,
    region = REGION,
  ) {
    const scope = { accessKeyId, service, region };
    const settings = inProcess(
      async (given) => {
        const request = { ...given, region };
        const action = request.headers['x-amz-target']?.split('.').at(-1) ?? request.path;
        if (isRefused({ service, action, region, input: request.body.toString('utf8') }))
          throw Object.assign(new Error(`connect ECONNREFUSED ${service}`), {
            code: 'ECONNREFUSED',
            syscall: 'connect',
          });
        const refused = permissions.guard.refuse(scope, request);
        return refused ?? permissions.guard.review(scope, request, await handle(request));
      },
      async (_call, send) => {
        if (accessKeyId === DEAD) return new Promise(() => undefined);
        callsUnderWay += 1;
        try {
          return await send();
        } finally {
          callsUnderWay -= 1;
        }
      },
    );
    return {
      ...settings,
      region,
      credentials: { accessKeyId, secretAccessKey: 'secret' },
      signer: unverifiedSigner(accessKeyId),
    } as object;
  }

  /**
   * Delivers everything to a subscriber whose subscription has no redrive policy, and the completions of rosters to their queue, as the
   * filter of that subscription does.
   */
  async function publish(request: ServiceRequest): Promise<ServiceResponse> {
    const answer = messaging.sns(request);
    const { body, attributes = {} } = messaging.published.at(-1) ?? { body: '' };
    const call = { service: 'sns', region: REGION, input: body } as const;
    if (isRefused({ ...call, action: 'deliver to a subscriber' })) onUndelivered(['NumberOfNotificationsFailed']);
    if (attributes.roster === undefined) return answer;
    const isUndelivered = isRefused({ ...call, action: 'deliver' });
    if (isUndelivered) onUndelivered(['NumberOfNotificationsFailed', 'NumberOfNotificationsRedrivenToDlq']);
    messaging.queue(`greenroom-prod-rosters${isUndelivered ? '-dead-letters' : ''}`).send(body, { attributes });
    return answer;
  }

  /** Clients that sign with this key. */
  function clientsOf(accessKeyId: string) {
    const chats = new Map<string, IvschatClient>();
    function chatOf(region: string): IvschatClient {
      const client = chats.get(region) ?? new IvschatClient(through(accessKeyId, 'ivschat', ivsChat.handle, region));
      chats.set(region, client);
      // The client signs with the time of the virtual clock.
      client.config.systemClockOffset = nowMs() - Date.now();
      return client;
    }
    return {
      dynamodb: new DynamoDBClient(through(accessKeyId, 'dynamodb', dynamodb.handle)),
      scheduler: new SchedulerClient(through(accessKeyId, 'scheduler', scheduler.handle)),
      sns: new SNSClient(through(accessKeyId, 'sns', publish)),
      sqs: new SQSClient(through(accessKeyId, 'sqs', async (request) => messaging.sqs(request))),
      s3: s3Client(through(accessKeyId, 's3', s3.handle)),
      ivsChat: chatOf,
    };
  }

  const clients = clientsOf('administrator');
  const roomQuotas = new Map<string, number>();
  await createTables(deployed, clients);

  return {
    /** The clients of an administrator. */
    clients,
    clientsOf,
    /** The clients of a process that crashes at its first call to any service except SQS. */
    dyingClientsOf: (accessKeyId: string) => ({ ...clientsOf(DEAD), sqs: clientsOf(accessKeyId).sqs }),
    permissions,
    messaging,
    s3,
    scheduler,
    ivsChat: ivsChat.admin,
    queueOf,
    callsUnderWay: () => callsUnderWay,
    roomQuota: (region: string) => roomQuotas.get(region) ?? DEFAULT_QUOTAS.roomsPerRegion,
    /** Changes how many rooms a region may have. */
    setRoomQuota(region: string, rooms: number): void {
      roomQuotas.set(region, rooms);
      ivsChat.admin.setQuotas({ roomsIn: { [region]: rooms } });
    },
    /** Makes these calls fail from now on. */
    refuse(calls: (call: AwsCall) => boolean): void {
      isRefused = calls;
    },
    async close(): Promise<void> {
      await scheduler.close();
      await dynamodb.close();
    },
  };
}

async function createTables({ resources }: Deployed, clients: object): Promise<void> {
  const tables = Object.entries(resources)
    .filter(([, { Type }]) => /::(Table|ScheduleGroup)$/.test(Type))
    .map(([id, { Type, Properties }]) => [id, { Type, Properties, DependsOn: [] }]);
  const making = { region: REGION, accountId: '000000000000', stackName: 'greenroom-prod', artifactsDir: '' };
  // Tables and schedule groups are created without clients of other services, and without roles.
  await createResources(
    { Resources: Object.fromEntries(tables), Outputs: {} },
    { ...making, clients: clients as never, iam: {} as never },
  );
}
