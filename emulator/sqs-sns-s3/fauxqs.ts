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
 * fauxqs exports its server only, which listens on all interfaces; the classes behind it are files of the package. Not a documented
 * interface, so its version is pinned.
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

/** A message with an id and digests of its own, sent now. */
export function createMessage({ body, senderId, attributes = {}, delaySeconds, groupId }: NewMessage): SqsMessage {
  // fauxqs has no place for the sender. Deduplication ids are for FIFO queues, and it keeps them on disk.
  return Sqs.createMessage(body, attributes, delaySeconds || undefined, groupId, senderId);
}

/** Who sent a message: what fauxqs has made itself is a topic's. */
export function senderIdOf({ messageDeduplicationId = SNS_SENDER_ID }: SqsMessage): string {
  return messageDeduplicationId;
}

/** Services send as users of accounts of their own. */
const SNS_SENDER_ID = uniqueId('AIDA', 'sns.amazonaws.com');
export const S3_SENDER_ID = uniqueId('AIDA', 's3.amazonaws.com');

export interface Fauxqs {
  sqsStore: SqsStore;
  s3Store: S3Store;
  /** Has fauxqs answer the request itself. */
  forward(request: ServiceRequest): Promise<ServiceResponse>;
  /** The same for what a topic publishes: queues that don't let it send get nothing, and nobody is told. */
  publish(topicArn: string, request: ServiceRequest): Promise<ServiceResponse>;
  close(): Promise<void>;
}

/**
 * @param directory where SQLite keeps everything; in memory without one
 * @param endpoint what queue URLs begin with, also those of queues that were created at another one
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
  // fauxqs looks up each queue that it delivers to. What it does for one publication, it does in the publication's context.
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

/** The queue's messages in flight, with what each of its groups takes. */
export function inFlightOf({ inflightMessages }: SqsQueue): InFlightMessages {
  if (!(inflightMessages instanceof InFlightMessages)) throw new Error('A queue was not made by its store');
  return inflightMessages;
}

/** Loads first: stores that already write through would write back what they are being given. */
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
  // The body is whole by now; what described its journey would mislead.
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
