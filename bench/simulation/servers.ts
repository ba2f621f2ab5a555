import * as z from 'zod';
import { createIvsChat, type IvsChat } from '../../emulator/ivschat/ivs-chat.ts';
import type { ServiceRequest, ServiceResponse } from '../../emulator/service.ts';
import { createMemoryDynamoDb } from '../../simulation/memory-dynamodb.ts';
import type { VirtualClock } from '../../simulation/virtual-clock.ts';
import { CONFIG } from './assumptions.ts';
import type { Counts } from './counts.ts';
import type { Queue } from './fair-queue.ts';

export type ServerName = 'dynamodb' | 'sqs' | 'sns' | 'ivschat';

export interface Servers extends Record<ServerName, (request: ServiceRequest) => Promise<ServiceResponse>> {
  chat: IvsChat;
}

interface Setting {
  time: VirtualClock;
  random: () => number;
  queue: Queue;
  counts: Counts;
}

/** The four services in memory. Each call takes effect immediately; the network adds the delays. */
export function createServers({ time, random, queue, counts }: Setting): Servers {
  const chat = createIvsChat({
    now: time.nowMs,
    random,
    signatureLifetimeMs: CONFIG.timing.signatureLifetimeMs,
    listingLagMs: CONFIG.timing.listingLagMs,
    // The quota of rooms is adjustable, so it is assumed to be raised for such an import.
    quotas: { roomsPerRegion: 10_000_000 },
  });
  return {
    chat,
    dynamodb: countingDynamoDb(counts),
    sqs: async (request) => changeVisibility(request, queue, counts),
    sns: async (request) => publish(request, counts),
    async ivschat(request) {
      const response = await chat.handle(request);
      if (request.path === '/CreateRoom') noteCreateRoom(response, counts);
      return response;
    },
  };
}

export function noteCreateRoom(response: { status: number } | { lost: true }, counts: Counts): void {
  counts.createRoomCalls += 1;
  if ('lost' in response) return;
  if (response.status === 429) counts.throttled += 1;
  if (response.status === 200) counts.rooms += 1;
}

const writeResponseSchema = z.object({ ConsumedCapacity: z.object({ CapacityUnits: z.number() }).optional() });

/** A DynamoDB that counts writes. Each request includes a request for the consumed capacity, which DynamoDB otherwise leaves out. */
function countingDynamoDb(counts: Counts): (request: ServiceRequest) => Promise<ServiceResponse> {
  const dynamodb = createMemoryDynamoDb();
  return async (request) => {
    const input: Record<string, unknown> = JSON.parse(request.body.toString('utf8'));
    const body = Buffer.from(JSON.stringify({ ...input, ReturnConsumedCapacity: 'TOTAL' }));
    const response = await dynamodb.handle({ ...request, body });
    if ('lost' in response) return response;
    const { ConsumedCapacity } = writeResponseSchema.parse(JSON.parse(String(response.body)));
    // A refused write is billed by the size of the existing item. Pace items are far smaller than 1 KB.
    noteWrite(input.TableName, response.status, ConsumedCapacity?.CapacityUnits ?? 1, counts);
    return response;
  };
}

function noteWrite(table: unknown, status: number, units: number, counts: Counts): void {
  const isPace = table === CONFIG.paceTable;
  counts.writeUnits += units;
  if (!isPace) counts.ledgerUnits += units;
  if (status !== 200) counts.refusedWrites += 1;
  else counts[isPace ? 'paceWrites' : 'ledgerWrites'] += 1;
}

const visibilitySchema = z.object({
  Entries: z.array(z.object({ Id: z.string(), ReceiptHandle: z.string(), VisibilityTimeout: z.number() })),
});

function changeVisibility({ headers, body }: ServiceRequest, queue: Queue, counts: Counts): ServiceResponse {
  const action = headers['x-amz-target'];
  if (action !== 'AmazonSQS.ChangeMessageVisibilityBatch') throw new Error(`${action} is not simulated here`);
  const { Entries } = visibilitySchema.parse(JSON.parse(body.toString('utf8')));
  for (const { ReceiptHandle, VisibilityTimeout } of Entries) queue.changeVisibility(ReceiptHandle, VisibilityTimeout);
  counts.sqsRequests += 1;
  counts.postponed += Entries.length;
  const result = { Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] };
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(result) };
}

function publish({ body }: ServiceRequest, counts: Counts): ServiceResponse {
  const action = new URLSearchParams(body.toString('utf8')).get('Action');
  if (action !== 'Publish') throw new Error(`${action} is not simulated here`);
  counts.snsPublishes += 1;
  const result = `<PublishResult><MessageId>${counts.snsPublishes}</MessageId></PublishResult>`;
  const xml = `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">${result}</PublishResponse>`;
  return { status: 200, headers: { 'content-type': 'text/xml' }, body: xml };
}
