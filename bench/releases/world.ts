import * as z from 'zod';
import { createIvsChat, type IvsChat } from '../../emulator/ivschat/ivs-chat.ts';
import { createRandom } from '../../emulator/random.ts';
import type { ServiceRequest, ServiceResponse } from '../../emulator/service.ts';
import type { Lane } from '../../lib/contract/lanes.ts';
import type { Clock } from '../../lib/platform/clock.ts';
import type { Log } from '../../lib/platform/log.ts';
import { LEDGER_TABLE } from '../../simulation/ledger-table.ts';
import { createMemoryDynamoDb, type MemoryDynamoDb } from '../../simulation/memory-dynamodb.ts';
import { createVirtualTime, type VirtualTime } from '../../simulation/virtual-time.ts';
import { createQueue, type Queue } from '../simulation/fair-queue.ts';
import { CONFIG, drawIndexLagMs } from './deployment.ts';
import { createIndexWrites, type IndexWrites } from './index-writes.ts';

/** One call that has arrived at IVS Chat. */
export interface ChatCall {
  api: string;
  region: string;
  atMs: number;
  status: number;
  /** The room's ARN, for a successful CreateRoom call or any DeleteRoom call. */
  arn?: string | undefined;
  /** The room's name, for a CreateRoom call. */
  name?: string | undefined;
}

/** The services of a simulated season, and the facts that are observed in it. */
export interface ReleaseWorld {
  time: VirtualTime;
  /** The same time in whole milliseconds, as the functions read it. */
  clock: Clock;
  random: () => number;
  log: Log;
  /** The messages of warnings and errors that the functions have logged, with their counts. */
  problems: Record<string, number>;
  memory: MemoryDynamoDb;
  index: IndexWrites;
  chat: IvsChat;
  queues: Record<Lane, Queue>;
  /** The events of releases that were published. */
  published: object[];
  callIvsChat(request: ServiceRequest): Promise<ServiceResponse>;
  publish(name: string, input: object): object;
  callSqs(name: string, input: object): object;
}

export interface WorldOptions {
  startMs: number;
  seed: number;
  roomQuota: number;
  /** Draws how long the due index takes to show a change. Default: as `drawIndexLagMs` */
  indexLagMs?: () => number;
  onChatCall(call: ChatCall): void;
}

export function createReleaseWorld({ startMs, seed, roomQuota, onChatCall, ...options }: WorldOptions): ReleaseWorld {
  const random = createRandom(seed);
  const time = createVirtualTime(startMs, random);
  const problems: Record<string, number> = {};
  const published: object[] = [];
  const queues = { interactive: createQueue(time, random), bulk: createQueue(time, random) };
  const chat = createIvsChat({
    now: time.nowMs,
    random,
    signatureLifetimeMs: CONFIG.timing.signatureLifetimeMs,
    listingLagMs: CONFIG.timing.listingLagMs,
    quotas: { roomsPerRegion: roomQuota },
  });
  const { indexLagMs = () => drawIndexLagMs(random) } = options;
  return {
    time,
    clock: { nowMs: () => Math.floor(time.nowMs()), sleep: time.sleep },
    random,
    log: logTo(problems),
    problems,
    memory: createMemoryDynamoDb({ indexed: { [CONFIG.ledgerTable]: LEDGER_TABLE }, now: time.nowMs, indexLagMs }),
    index: createIndexWrites(),
    chat,
    queues,
    published,
    async callIvsChat(request) {
      const response = await chat.handle(request);
      onChatCall(readChatCall(request, response, time.nowMs()));
      return response;
    },
    publish(name, input) {
      if (name !== 'Publish') throw new Error(`${name} of SNS is not simulated here`);
      const event = releaseEvent(input);
      if (event) published.push(event);
      return { MessageId: 'simulated' };
    },
    callSqs: (name, input) => changeVisibility(name, input, queues),
  };
}

const identifierSchema = z.object({ identifier: z.string().optional(), name: z.string().optional() });
const roomSchema = z.object({ arn: z.string().optional() });

function readChatCall({ path, region, body }: ServiceRequest, response: ServiceResponse, atMs: number): ChatCall {
  if ('lost' in response) throw new Error('Nothing is lost in this simulation');
  const api = path.slice(1);
  const { status } = response;
  const { identifier, name } = identifierSchema.parse(JSON.parse(String(body)));
  const isCreated = api === 'CreateRoom' && status === 200;
  const arn = isCreated ? roomSchema.parse(JSON.parse(String(response.body))).arn : identifier;
  return { api, region, atMs, status, arn, name };
}

const publishSchema = z.object({ Message: z.string() });
const eventSchema = z.looseObject({ type: z.string() });
const RELEASE_EVENT = /"type":"greenroom\.room\.release-/;

/** The event if it answers a command. Other events are only counted, because a season has hundreds of thousands. */
function releaseEvent(input: object): object | undefined {
  const { Message } = publishSchema.parse(input);
  return RELEASE_EVENT.test(Message) ? eventSchema.parse(JSON.parse(Message)) : undefined;
}

const visibilitySchema = z.object({
  QueueUrl: z.string(),
  Entries: z.array(z.object({ Id: z.string(), ReceiptHandle: z.string(), VisibilityTimeout: z.number() })),
});

function changeVisibility(name: string, input: object, queues: Record<Lane, Queue>): object {
  if (name !== 'ChangeMessageVisibilityBatch') throw new Error(`${name} of SQS is not simulated here`);
  const { QueueUrl, Entries } = visibilitySchema.parse(input);
  const queue = queues[QueueUrl.endsWith('bulk') ? 'bulk' : 'interactive'];
  for (const { ReceiptHandle, VisibilityTimeout } of Entries) queue.changeVisibility(ReceiptHandle, VisibilityTimeout);
  return { Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] };
}

function logTo(problems: Record<string, number>): Log {
  const note = (input: unknown, ..._details: unknown[]) => {
    const text = typeof input === 'string' ? input : JSON.stringify(input);
    problems[text] = (problems[text] ?? 0) + 1;
  };
  const ignore = () => undefined;
  return { debug: ignore, info: ignore, warn: note, error: note };
}
