import { AsyncLocalStorage } from 'node:async_hooks';
import { buildApp } from 'fauxqs';
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
import { maySend } from './queue-policy.ts';

/**
 * fauxqs exports only its server, which listens on all interfaces. So the emulator uses the files of the package directly. They are not a
 * documented interface, so its version is pinned.
 */
const root = import.meta.resolve('fauxqs');
const { SqsStore: Sqs }: { SqsStore: { new (): SqsStore; createMessage: CreateMessage } } = await import(
  new URL('./sqs/sqsStore.js', root).href
);
const { SnsStore: Sns }: { SnsStore: new () => Stores['snsStore'] } = await import(
  new URL('./sns/snsStore.js', root).href
);
const { S3Store: S3 }: { S3Store: new () => S3Store } = await import(new URL('./s3/s3Store.js', root).href);
const { PersistenceManager }: { PersistenceManager: new (directory: string) => Persistence } = await import(
  new URL('./persistence.js', root).href
);

type CreateMessage = (
  body: string,
  attributes: MessageAttributes,
  delaySeconds: number | undefined,
  groupId: string | undefined,
  deduplicationId: string,
) => SqsMessage;

export interface NewMessage {
  body: string;
  senderId: string;
  attributes?: MessageAttributes;
  delaySeconds?: number | undefined;
  groupId?: string | undefined;
}

/** A new message with its own id and digests, sent now. */
export function createMessage({ body, senderId, attributes = {}, delaySeconds, groupId }: NewMessage): SqsMessage {
  // fauxqs has no field for the sender. It stores deduplication ids on disk, which only FIFO queues use.
  return Sqs.createMessage(body, attributes, delaySeconds || undefined, groupId, senderId);
}

/** The sender of a message. fauxqs itself creates only messages of topics. */
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
  /** The same for publications of a topic: a queue whose policy does not allow it gets nothing, without an error. */
  publish(topicArn: string, request: ServiceRequest): Promise<ServiceResponse>;
  close(): Promise<void>;
}

/**
 * @param directory the directory for SQLite; without it, data is in memory
 * @param endpoint the beginning of all queue URLs, also those of queues that were created at another endpoint
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
  // fauxqs looks up each queue to which it delivers. It does so in the asynchronous context of the publication.
  const publishing = new AsyncLocalStorage<string>();
  const getQueueByArn = sqsStore.getQueueByArn.bind(sqsStore);
  sqsStore.getQueueByArn = (arn) => {
    const [queue, topicArn] = [getQueueByArn(arn), publishing.getStore()];
    const mayHave =
      topicArn === undefined || !queue || maySend(queue, { principal: 'sns.amazonaws.com', sourceArn: topicArn });
    return mayHave ? queue : undefined;
  };
  const persistence = directory === undefined ? undefined : new PersistenceManager(directory);
  if (persistence) attach(persistence, stores);
  const app = buildApp({ logger: false, stores });

  return {
    sqsStore,
    s3Store: stores.s3Store,
    forward: (request) => forward(app, request),
    publish: (topicArn, request) => publishing.run(topicArn, () => forward(app, request)),
    async close() {
      await app.close();
      persistence?.close();
    },
  };
}

/** The queue's messages in flight, with the use of its groups. */
export function inFlightOf({ inflightMessages }: SqsQueue): InFlightMessages {
  if (!(inflightMessages instanceof InFlightMessages)) throw new Error('A queue was not created by its store');
  return inflightMessages;
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
  const answer = await app.inject({ method, url: request.path + query, headers, payload: request.body });
  return { status: answer.statusCode, headers: plainHeaders(answer.headers), body: answer.rawPayload };
}

function plainHeaders(headers: Record<string, number | string | string[] | undefined>): Record<string, string> {
  const { connection: _connection, date: _date, ...rest } = headers;
  return Object.fromEntries(
    Object.entries(rest).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
