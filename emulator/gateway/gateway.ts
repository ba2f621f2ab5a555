import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type DynamoDb, openDynamoDb } from '../dynamodb/dynamodb.ts';
import { createIndexLag, type IndexLag } from '../dynamodb/index-lag.ts';
import { createGuard, type GuardSettings } from '../iam/guard.ts';
import { createIam, type Iam } from '../iam/iam.ts';
import type { ResourceFacts } from '../iam/requests/needed.ts';
import type { Denial } from '../iam/usage.ts';
import { createRandom } from '../random.ts';
import type { Service } from '../service.ts';
import { openBucketNotifications } from '../sqs-sns-s3/bucket-notifications.ts';
import { type Fauxqs, openFauxqs } from '../sqs-sns-s3/fauxqs.ts';
import { SQS_ADMIN_PREFIX } from '../sqs-sns-s3/forced-dead-letters.ts';
import { policyOf } from '../sqs-sns-s3/queue-policy.ts';
import { createS3 } from '../sqs-sns-s3/s3.ts';
import { createSns } from '../sqs-sns-s3/sns.ts';
import { createSqs, type Sqs } from '../sqs-sns-s3/sqs.ts';
import { type AdminRoute, type Answers, type Around, answerRequests } from './answer-requests.ts';
import { claimDataDirectory, type DataDirectory } from './data-directory.ts';
import { createPrincipals, type Principals } from './principals.ts';

/** The address at which the gateway listens. */
export const LOOPBACK = '127.0.0.1';
/**
 * Longer than clients keep idle connections open. Otherwise the gateway could close a connection on which a client is sending a request.
 */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

export interface GatewayOptions {
  /** 0 or absent: any free port. */
  port?: number;
  /** The directory for data that outlives the process. Without it, data is only in memory. */
  dataDir?: string;
  /** The seed for the order in which queues deliver. */
  seed: number;
  /** Further services, by signing name. The gateway closes them when it closes. */
  services: Record<string, Service>;
  /** The routes for unsigned requests, by path prefix. They should begin with `/_greenroom/`. */
  adminRoutes?: Record<string, AdminRoute>;
  /** The clock for the expiry of items and the lag of indexes, in epoch milliseconds. Queues use the real clock. */
  now?: () => number;
  /** How long DynamoDB's global indexes take to show a change. Default: immediately */
  indexLag?: IndexLag;
  /** How many messages of a queue may be in flight. Default: SQS's quota */
  maximumInFlight?: number;
  /** Makes the gateway refuse calls that policies do not permit. Default: every call is permitted */
  policies?: EnforcedPolicies;
  /** Handles the requests that policies permit, in place of their services. Default: the services handle them */
  around?: Around;
}

export interface EnforcedPolicies {
  /** The tags of a room, for conditions on them. */
  tagsOf: ResourceFacts['tagsOf'];
  /** Called whenever a call of a role is refused. */
  onDenied?(denial: Denial): void;
}

export interface Gateway {
  /** `http://127.0.0.1:<port>`, for `AWS_ENDPOINT_URL`. */
  endpoint: string;
  /** The callers that sign requests. */
  principals: Principals;
  /** The roles and users of the account, and what they may do. */
  iam: Iam;
  /** Removes expired items now instead of at the next sweep. */
  sweepExpiredItems(): Promise<void>;
  /**
   * Immediately answers the requests that wait for messages, and from now on answers such requests without a wait. A stack calls this when
   * it stops, before it closes the gateway.
   */
  endWaits(): void;
  close(): Promise<void>;
}

/**
 * One endpoint on loopback for SQS, SNS, S3, DynamoDB and the injected services. The service name in a request's signature selects
 * the service.
 *
 * @throws Error if the data directory or the port is in use
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const principals = createPrincipals();
  const iam = createIam({ principals, enforces: options.policies !== undefined, onDenied: options.policies?.onDenied });
  const directory = options.dataDir === undefined ? undefined : claimDataDirectory(options.dataDir);
  const opened = Promise.withResolvers<Backends>();
  const answering = answerRequests(opened.promise, {
    ...options.adminRoutes,
    [SQS_ADMIN_PREFIX]: async (request) => (await opened.promise).sqs.adminHandle(request),
  });
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS }, answering.listener);
  try {
    // Queue URLs contain the port, so the queues are opened only after the port is known. Requests that arrive earlier wait.
    const endpoint = `http://${LOOPBACK}:${await listen(server, options.port ?? 0)}`;
    const backends = await openBackends({ ...options, principals, iam }, directory, endpoint);
    opened.resolve(backends);
    return {
      endpoint,
      principals,
      iam,
      sweepExpiredItems: () => backends.dynamoDb.sweepExpiredItems(),
      endWaits: answering.endWaits,
      async close() {
        const closed = new Promise((resolve) => server.close(resolve));
        await answering.finish();
        server.closeAllConnections();
        await closed;
        await backends.close();
        directory?.release();
      },
    };
  } catch (error) {
    server.close();
    server.closeAllConnections();
    directory?.release();
    throw error;
  }
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, LOOPBACK);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address.port;
}

interface Backends extends Answers {
  sqs: Sqs;
  dynamoDb: DynamoDb;
  close(): Promise<void>;
}

async function openBackends(
  { seed, services, principals, iam, policies, maximumInFlight, around, ...options }: GatewayOptions & Account,
  directory: DataDirectory | undefined,
  endpoint: string,
): Promise<Backends> {
  const { now = Date.now, indexLag } = options;
  const indexLagMs = createIndexLag(indexLag, createRandom(seed));
  const dynamoDb = await openDynamoDb(directory?.path('dynamodb'), now, indexLagMs);
  const fauxqs = openFauxqs(directory?.path('sqs-sns-s3'), endpoint);
  const sqs = createSqs(fauxqs, { seed, senderIdOf: principals.senderIdOf, maximumInFlight });
  const s3 = createS3(fauxqs, openBucketNotifications(directory?.path('bucket-notifications.json')));
  return {
    byName: { ...services, dynamodb: dynamoDb, sqs, s3, sns: createSns(fauxqs) },
    guard: policies && createGuard({ iam, ...factsFrom(fauxqs, policies) }),
    around,
    dynamoDb,
    sqs,
    async close() {
      await sqs.close();
      await Promise.all([fauxqs, dynamoDb, ...Object.values(services)].map((each) => each.close()));
    },
  };
}

interface Account {
  principals: Principals;
  iam: Iam;
}

function factsFrom({ sqsStore }: Fauxqs, { tagsOf }: EnforcedPolicies): Omit<GuardSettings, 'iam'> {
  return {
    facts: {
      tagsOf,
      sourcesOf: (arn) =>
        [...sqsStore.allQueues()]
          .filter(({ attributes }) => attributes.RedrivePolicy?.includes(`"${arn}"`))
          .map((queue) => queue.arn),
    },
    queuePolicy(arn) {
      const queue = sqsStore.getQueueByArn(arn);
      return queue && policyOf(queue);
    },
  };
}
