import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IvschatClient } from '@aws-sdk/client-ivschat';
import type { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Lane } from '../lib/contract/lanes.ts';
import { REGIONS, type Region } from '../lib/contract/regions.ts';
import type { BaseClients, ClientSettings } from '../lib/platform/base-clients.ts';
import { createS3Client } from '../lib/platform/s3-client.ts';
import { type CallGuard, createCallGuard } from './calls/call-guard.ts';
import { addressByPath } from './calls/path-addressing.ts';
import { LOCAL_SETTINGS } from './local-settings.ts';
import { LOCAL_STAGE } from './local-stage.ts';
import { graceIn, readGrace } from './release-grace.ts';
import { findNearestStack } from './stack-file.ts';
import { UserError } from './user-error.ts';

/** The queues to which the command line sends, or from which it reads. */
export type QueueName = Lane | 'live-events' | 'manifests' | 'rosters' | 'redrive' | 'parked';

/** A stage of the service, found by the names of its resources. */
export interface Deployment extends BaseClients {
  stage: string;
  /** The region of the stage's queues and tables. IVS Chat may not be available there. */
  region: string;
  /**
   * The region of a room whose request does not specify one.
   * @throws UserError if no default region is set and the stage's region has no IVS Chat
   */
  defaultRegion(): Region;
  s3: S3Client;
  /** The name of the ledger's table. */
  ledgerTable: string;
  /** The name of the table of slots and breakers. */
  paceTable: string;
  /** The name of the table of bulk jobs and live events. */
  rosterTable: string;
  /** A client of IVS Chat. Each call shares the region's quota with greenroom's own calls. */
  ivsChat(region: Region): IvschatClient;
  /** @throws QueueDoesNotExist if the stage is not deployed in this account and region */
  queueUrl(queue: QueueName): Promise<string>;
  /** @throws QueueDoesNotExist */
  completionTopicArn(): Promise<string>;
  /** The name of the bucket of manifests and reports. @throws QueueDoesNotExist */
  manifestBucket(): Promise<string>;
  /**
   * The time for which a release command can be withdrawn, in milliseconds. It applies even to a command that requests an immediate
   * release. Undefined if this time cannot be read, because the permission is missing or an earlier version deployed the stage.
   */
  releaseGraceMs(): Promise<number | undefined>;
  /** The settings of these clients. Clients of other services must use them too. */
  clientSettings: ClientSettings;
  /** Lets an interruption by the user end the calls of such a client. */
  guard: CallGuard['guard'];
  /** Closes the connections. */
  close(): void;
}

/** The embedded stack accepts any credentials, so the user's own credentials are not sent to it. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

export interface StageSelection {
  stage: string;
  /** Default: the region of the embedded stack or, for other stages, of AWS_REGION or the profile. */
  region?: string | undefined;
  /** The stage's parameter `defaultRegion`. Default: the stage's region. */
  defaultRegion?: Region | undefined;
}

/** The behaviour that all calls to a deployment share. */
export interface Calls extends Pick<CallGuard, 'guard'> {
  requestHandler: NonNullable<ClientSettings['requestHandler']>;
}

/** The settings with which a deployment is found and called. */
export interface SearchSettings {
  /** Called with a sentence for the user. */
  note?(text: string): void;
  /** Default: calls that cannot be interrupted and use no proxy. */
  calls?: Calls;
}

/**
 * @throws UserError if the stage is `local` and no embedded stack is running here or in a parent directory, or the stack is in another
 * region
 */
export async function findDeployment(
  wanted: StageSelection,
  { note, calls = createCallGuard() }: SearchSettings = {},
): Promise<Deployment> {
  const { stage, region } = wanted;
  if (stage !== LOCAL_STAGE) return connectDeployed(wanted, calls);
  const here = process.cwd();
  const found = await findNearestStack(here);
  if (!found) {
    throw new UserError(
      'No local stack is running here or in a parent directory: start one with `npm start` in a checkout of greenroom or with `npx greenroom dev` in another project, or select a deployed stage, for example with `--stage dev`',
    );
  }
  const { stack, directory } = found;
  if (directory !== here) note?.(`Using the local stack of ${directory}.`);
  if (region !== undefined && region !== stack.region)
    throw new UserError(`The local stack is in ${stack.region}, not in ${region}: omit --region`);
  return connectLocally(stack, calls);
}

export function connectLocally(
  { endpoint, region, outputs = {} }: { endpoint: string; region: Region; outputs?: Record<string, string> },
  calls: Calls = createCallGuard(),
): Deployment {
  const { requestHandler } = calls;
  const settings = { ...LOCAL_SETTINGS, endpoint, region, credentials: LOCAL_CREDENTIALS, requestHandler };
  return connect(LOCAL_STAGE, { region, releaseGraceMs: async () => graceIn(outputs) }, settings, calls);
}

/**
 * Connects to a stage in the account and region of the SDK's environment, or of these settings, without a call to AWS.
 * @throws the SDK's error if neither specifies a region
 */
export async function connectDeployed(
  { stage, region, defaultRegion }: StageSelection,
  calls: Calls,
  given: ClientSettings = {},
): Promise<Deployment> {
  const { requestHandler } = calls;
  const settings = { ...given, ...(region !== undefined && { region }), requestHandler };
  const name = await new DynamoDBClient(settings).config.region();
  const releaseGraceMs = () => readGrace(stage, { ...settings, region: name }, calls.guard);
  return connect(stage, { region: name, defaultRegion, releaseGraceMs }, settings, calls);
}

interface StageFacts extends Pick<Deployment, 'region' | 'releaseGraceMs'> {
  defaultRegion?: Region | undefined;
}

function connect(
  stage: string,
  { region, defaultRegion, releaseGraceMs }: StageFacts,
  settings: ClientSettings,
  { guard }: Calls,
): Deployment {
  const clients = createLazyClients(settings, guard);
  return {
    stage,
    region,
    defaultRegion: () => defaultRegion ?? ivsChatRegion(region),
    // Each member is a getter, so that a command loads only the clients that it uses.
    get sqs() {
      return clients.sqs();
    },
    get sns() {
      return clients.sns();
    },
    get dynamodb() {
      return clients.dynamodb();
    },
    get s3() {
      return clients.s3();
    },
    ledgerTable: `greenroom-${stage}-ledger`,
    paceTable: `greenroom-${stage}-pace`,
    rosterTable: `greenroom-${stage}-rosters`,
    ivsChat: clients.ivsChat,
    queueUrl: (queue) => findQueueUrl(clients.sqs(), stage, queue),
    async completionTopicArn() {
      const { partition, inRegion, account } = await arnParts(clients.sqs(), stage);
      return ['arn', partition, 'sns', inRegion, account, `greenroom-${stage}-completions`].join(':');
    },
    async manifestBucket() {
      const { inRegion, account } = await arnParts(clients.sqs(), stage);
      return `greenroom-${stage}-${account}-${inRegion}`;
    },
    releaseGraceMs,
    clientSettings: { ...settings, region },
    guard,
    close: clients.close,
  };
}

/** The SDK's clients. Each client is created when it is used for the first time. */
function createLazyClients(settings: ClientSettings, guard: CallGuard['guard']) {
  const opened: { destroy(): void }[] = [];
  const once = <Client extends { destroy(): void }>(create: () => Client): (() => Client) => {
    let client: Client | undefined;
    return () => {
      if (client !== undefined) return client;
      client = create();
      opened.push(client);
      return client;
    };
  };
  const ivsChatClients = new Map(
    REGIONS.map((region) => [region, once(() => guard(new IvschatClient({ ...settings, region })))]),
  );
  return {
    sqs: once(() => guard(new SQSClient(settings))),
    sns: once(() => guard(new SNSClient(settings))),
    dynamodb: once(() => guard(new DynamoDBClient(settings))),
    s3: once(() => guard(addressByPath(createS3Client(settings)))),
    ivsChat(region: Region): IvschatClient {
      const client = ivsChatClients.get(region);
      if (client === undefined) throw new Error(`IVS Chat is not available in ${region}`);
      return client();
    },
    close() {
      for (const client of opened) client.destroy();
    },
  };
}

function ivsChatRegion(name: string): Region {
  const known = REGIONS.find((each) => each === name);
  if (known !== undefined) return known;
  const missing = `IVS Chat is not available in ${name}, so rooms cannot be created there by default`;
  throw new UserError(`${missing}: specify the stage's default region with --default-region (${REGIONS.join(', ')})`);
}

async function findQueueUrl(sqs: SQSClient, stage: string, queue: QueueName): Promise<string> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: `greenroom-${stage}-${queue}` }));
  if (QueueUrl === undefined) throw new Error('GetQueueUrl returned no URL');
  return QueueUrl;
}

/** The account and region of a stage, from the ARN of one of its queues. */
async function arnParts(
  sqs: SQSClient,
  stage: string,
): Promise<{ partition: string; inRegion: string; account: string }> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: await findQueueUrl(sqs, stage, 'interactive'),
    AttributeNames: ['QueueArn'],
  });
  const { Attributes } = await sqs.send(command);
  const [, partition = '', , inRegion = '', account] = Attributes?.QueueArn?.split(':') ?? [];
  if (account === undefined) throw new Error('GetQueueAttributes returned no ARN');
  return { partition, inRegion, account };
}
