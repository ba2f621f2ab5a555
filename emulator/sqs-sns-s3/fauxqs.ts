import { AsyncLocalStorage } from 'node:async_hooks';
import { buildApp } from 'fauxqs';
import * as z from 'zod';
// fauxqs exports only its server, which listens on all interfaces. These files of the package are not a documented interface, so the version
// is pinned.
import { PersistenceManager } from '../../node_modules/fauxqs/dist/persistence.js';
import { S3Store as S3 } from '../../node_modules/fauxqs/dist/s3/s3Store.js';
import { SnsStore as Sns } from '../../node_modules/fauxqs/dist/sns/snsStore.js';
import { SqsStore as Sqs } from '../../node_modules/fauxqs/dist/sqs/sqsStore.js';
import { ACCOUNT_ID } from '../account.ts';
import { uniqueId } from '../gateway/principals.ts';
import type { ServiceRequest, ServiceResponse } from '../service.ts';
import type {
  MessageAttributes,
  Persistence,
  S3Store,
  SqsMessage,
  SqsQueue,
  SqsStore,
  Stores,
} from './fauxqs-types.ts';
import { InFlightMessages } from './in-flight-messages.ts';
import { acceptLargeUploads } from './large-uploads.ts';
import { maySend, type SendingService } from './queue-policy.ts';

export interface NewMessage {
  body: string;
  senderId: string;
  attributes?: MessageAttributes;
  delaySeconds?: number | undefined;
  groupId?: string | undefined;
}

/** A new message with its own id and digests, sent now. */
export function createMessage({ body, senderId, attributes = {}, delaySeconds, groupId }: NewMessage): SqsMessage {
  // fauxqs has no field for the sender. The deduplication id contains the sender, because fauxqs stores deduplication ids on disk and only
  // FIFO queues use them.
  return Sqs.createMessage(body, attributes, delaySeconds || undefined, groupId, senderId);
}

/** The sender id of a message. A message without one was created by fauxqs, which creates messages only for topics. */
export function senderIdOf({ messageDeduplicationId = SNS_SENDER_ID }: SqsMessage): string {
  return messageDeduplicationId;
}

/** Services send as users of their own accounts. */
const SNS_SENDER_ID = uniqueId('AIDA', 'sns.amazonaws.com');
export const S3_SENDER_ID = uniqueId('AIDA', 's3.amazonaws.com');

export interface Fauxqs {
  sqsStore: SqsStore;
  s3Store: S3Store;
  /** Lets fauxqs answer the request itself. */
  forward(request: ServiceRequest): Promise<ServiceResponse>;
  /**
   * Like `forward`, for publications to a topic. A message that a queue's policy does not allow goes to the dead-letter queue of the
   * subscription, if the policy of that queue allows the message. Otherwise the message is discarded. The publisher gets no error.
   */
  publish(topicArn: string, request: ServiceRequest): Promise<ServiceResponse>;
  close(): Promise<void>;
}

/**
 * @param directory the directory for SQLite; without it, data is in memory
 * @param endpoint the beginning of all queue URLs, including those of queues that were created at another endpoint
 */
export function openFauxqs(directory: string | undefined, endpoint: string): Fauxqs {
  const stores = { sqsStore: new Sqs(), snsStore: new Sns(), s3Store: new S3() };
  const { sqsStore } = stores;
  const createQueue = sqsStore.createQueue.bind(sqsStore);
  sqsStore.createQueue = (name, _url, ...rest) => {
    const queue = createQueue(name, `${endpoint}/${ACCOUNT_ID}/${name}`, ...rest);
    queue.inflightMessages = new InFlightMessages();
    return queue;
  };
  // fauxqs looks up each queue before it delivers to it, in the asynchronous context of the publication. The lookup checks the policy.
  const publishing = new AsyncLocalStorage<string>();
  const getQueueByArn = sqsStore.getQueueByArn.bind(sqsStore);
  sqsStore.getQueueByArn = (arn) => {
    const topicArn = publishing.getStore();
    if (topicArn === undefined) return getQueueByArn(arn);
    const sender: SendingService = { principal: 'sns.amazonaws.com', sourceArn: topicArn };
    return [arn, ...deadLetterQueuesOf(stores, topicArn, arn)]
      .map(getQueueByArn)
      .find((queue) => queue !== undefined && maySend(queue, sender));
  };
  const persistence = directory === undefined ? undefined : new PersistenceManager(directory);
  if (persistence) attach(persistence, stores);
  const app = buildApp({ logger: false, stores });

  return {
    sqsStore,
    s3Store: stores.s3Store,
    forward: acceptLargeUploads(stores.s3Store, (request) => forward(app, request)),
    publish: (topicArn, request) => publishing.run(topicArn, () => forward(app, request)),
    async close() {
      await app.close();
      persistence?.close();
    },
  };
}

/** The queue's messages in flight. This map also measures the share of the consumers' capacity that each message group uses. */
export function inFlightOf({ inflightMessages }: SqsQueue): InFlightMessages {
  if (!(inflightMessages instanceof InFlightMessages)) throw new Error('A queue was not created by its store');
  return inflightMessages;
}

const redriveSchema = z.object({ deadLetterTargetArn: z.string() });

/**
 * The dead-letter queues of the subscriptions by which a topic delivers to a queue. "Amazon SNS doesn't retry the message delivery that
 * fails as a result of a client-side error", such as a policy that does not allow the delivery:
 * https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
 */
function deadLetterQueuesOf({ snsStore }: Stores, topicArn: string, queueArn: string): string[] {
  return (snsStore.getTopic(topicArn)?.subscriptionArns ?? []).flatMap((arn) => {
    const { endpoint, attributes } = snsStore.getSubscription(arn) ?? {};
    if (endpoint !== queueArn || attributes?.RedrivePolicy === undefined) return [];
    return redriveSchema.parse(JSON.parse(attributes.RedrivePolicy)).deadLetterTargetArn;
  });
}

/** Loads the data first: stores that are already attached would write the loaded data again. */
function attach(persistence: Persistence, { sqsStore, snsStore, s3Store }: Stores): void {
  persistence.load(sqsStore, snsStore, s3Store);
  sqsStore.persistence = persistence;
  snsStore.persistence = persistence;
  s3Store.persistence = persistence;
  for (const queue of sqsStore.allQueues()) queue.persistence = persistence;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'] as const;

async function forward(app: ReturnType<typeof buildApp>, request: ServiceRequest): Promise<ServiceResponse> {
  const method = METHODS.find((each) => each === request.method);
  if (!method) return { status: 405, headers: {}, body: '' };
  // The body is complete here, so the headers that describe its transfer would be wrong.
  const { connection: _connection, 'transfer-encoding': _encoding, expect: _expect, ...headers } = request.headers;
  const query = request.query.size > 0 ? `?${request.query}` : '';
  const response = await app.inject({ method, url: request.path + query, headers, payload: request.body });
  return { status: response.statusCode, headers: plainHeaders(response.headers), body: response.rawPayload };
}

function plainHeaders(headers: Record<string, number | string | string[] | undefined>): Record<string, string> {
  const { connection: _connection, date: _date, ...rest } = headers;
  return Object.fromEntries(
    Object.entries(rest).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
