import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { QuotaChange } from '../../emulator/ivschat/quotas.ts';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { type LedgerItem, parseLedgerItem } from '../../lib/ledger/ledger-item.ts';
import { createSlotLines } from '../../lib/pace/slot-lines.ts';
import type { IncomingRecord } from '../../lib/platform/incoming-record.ts';
import type { Log } from '../../lib/platform/log.ts';
import type { Meter } from '../../lib/platform/meter.ts';
import { sourceOf } from '../../lib/provisioning/message-source.ts';
import { processBatch } from '../../lib/provisioning/process-batch.ts';
import { processMessage } from '../../lib/provisioning/process-message.ts';
import { createRoomListings } from '../../lib/provisioning/room-listings.ts';
import { createServices, type Services } from '../../lib/provisioning/services.ts';
import { releaseRooms } from '../../lib/releasing/release-rooms.ts';
import { createReleaseServices } from '../../lib/releasing/release-services.ts';
import { createLoneClock } from '../../simulation/lone-clock.ts';
import { silentMeter } from '../../simulation/silent-meter.ts';
import { createVirtualClock } from '../../simulation/virtual-clock.ts';
import { config } from '../fixtures/simulated-stage.ts';
import { contextUntil } from './lambda-context.ts';
import { type Call, createMemoryServices, type OnCall, REGION } from './memory-services.ts';

export const START_MS = Date.UTC(2026, 0, 1);
export const DAY_MS = 24 * 60 * 60_000;
/** Only the wait for the end of an invocation is longer than this. */
const LONGEST_WAIT_MS = 50_000;
const QUEUE_ARN = `arn:aws:sqs:${REGION}:000000000000:`;
export const REDRIVE_ARN = `${QUEUE_ARN}redrive`;
/** The sender ids of a role of greenroom and of another sender. */
export const ROSTER_SENDER = `${config.rosterSenderRoleIds[0]}:greenroom-simulation-start-bulk-job`;
const ANYBODY = 'AIDAUPSTREAMSYSTEM234';

/** One line of the log. */
export interface Line {
  level: 'debug' | 'info' | 'warn' | 'error';
  text: string;
  fields: Record<string, unknown>;
}

export type Bench = ReturnType<typeof createBench>;

/**
 * The message handling on services in memory, one message at a time, with access to all of its effects. Only waits and the test
 * move the clock. The random source always returns a half.
 */
export function createBench(
  options: { quotas?: QuotaChange; listingLagMs?: number; newRoomLagMs?: number; indexLagMs?: () => number } = {},
) {
  const time = createVirtualClock(START_MS);
  const clock = createLoneClock(time, { longestMs: LONGEST_WAIT_MS, movesTime: true });
  const calls: Call[] = [];
  const lines: Line[] = [];
  const measures: unknown[][] = [];
  const failing = new Map<string, number>();
  let beforeCall: OnCall = () => undefined;

  async function onCall(call: Call): Promise<void> {
    calls.push(call);
    await beforeCall(call);
    const left = failing.get(call.name) ?? 0;
    failing.set(call.name, left - 1);
    if (left > 0) throw Object.assign(new Error('out of order'), { name: 'OutOfOrder' });
  }
  const { clients, dynamodb, messaging, ivsChat } = createMemoryServices(time.nowMs, onCall, options);
  const write = (level: Line['level']) => (text: string, fields: Record<string, unknown>) => {
    lines.push({ level, text, fields });
  };
  const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const random = () => 0.5;
  const meter = Object.fromEntries(
    Object.keys(silentMeter).map((name) => [name, (...values: unknown[]) => measures.push([name, ...values])]),
  ) as unknown as Meter;
  const releaseMeter = {
    noteReleases: (...values: unknown[]) => measures.push(['noteReleases', ...values]),
    countThrottle: (...values: unknown[]) => measures.push(['countThrottle', ...values]),
    publish: () => undefined,
  };
  const platform = { config, clients, clock, random, log: log as unknown as Log };
  let releases = config.releases;
  const switched = () => ({ ...platform, config: { ...config, releases } });
  const newServices = () => createServices({ ...switched(), meter });
  const newReleaseServices = () => createReleaseServices({ ...switched(), meter: releaseMeter });

  function itemOf(idempotencyKey: string): Record<string, AttributeValue> | undefined {
    const item = dynamodb.items('ledger').find(({ id }) => id?.S === ledgerKey(idempotencyKey));
    return item as unknown as Record<string, AttributeValue> | undefined;
  }

  const contextOf = (deadlineMs: number) => ({
    ...contextUntil(deadlineMs),
    getRemainingTimeInMillis: () => deadlineMs - time.nowMs(),
  });

  /** Calls DynamoDB without the product's client, so that the call is not counted as a call by the product. */
  async function toDynamoDb(action: string, input: object): Promise<void> {
    await dynamodb.handle({
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: { 'x-amz-target': `DynamoDB_20120810.${action}` },
      body: Buffer.from(JSON.stringify(input)),
      region: REGION,
    });
  }

  return {
    config,
    /** What the services of a worker are made of, for a worker of another release. */
    platform: { ...platform, meter },
    calls,
    lines,
    measures,
    messaging,
    ivsChat: ivsChat.admin,
    clock,
    services: newServices(),

    /** The names of the calls so far, in order. */
    callNames: () => calls.map(({ name }) => name),
    callsOf: (name: string) => calls.filter((call) => call.name === name),

    /** How many invocations are waiting for their end. */
    openInvocations: clock.openWaits,

    /** Switches releases on or off for the workers that start from now on, as a deployment does. */
    switchReleases(on: boolean): void {
      releases = on;
    },

    /** Lets time pass. */
    pass: time.pass,

    /** Makes the next calls of an operation fail before they reach the service. */
    fail(name: string, times = 1): void {
      failing.set(name, times);
    },

    /** Runs an action before every call takes effect. */
    beforeAny(action: (call: Call) => Promise<unknown> | unknown): void {
      beforeCall = async (call) => {
        await action(call);
      };
    },

    /** Runs an action before each call of this name takes effect. */
    before(name: string, action: (call: Call) => Promise<unknown> | unknown): void {
      beforeCall = async (call) => {
        if (call.name === name) await action(call);
      };
    },

    /** Like `record`, but sent by a function that requests the members of rosters. */
    memberRecord(body: object | string, changes: Partial<IncomingRecord> = {}): IncomingRecord {
      const attributes = { ApproximateReceiveCount: 1, SentTimestamp: time.nowMs(), SenderId: ROSTER_SENDER };
      return this.record(body, { ...changes, attributes: { ...attributes, ...changes.attributes } });
    },

    /** A message as SQS delivers it, sent now by an upstream system. */
    record(body: object | string, changes: Partial<IncomingRecord> = {}): IncomingRecord {
      return {
        messageId: 'message',
        receiptHandle: 'receipt',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        messageAttributes: {},
        eventSourceARN: `${QUEUE_ARN}interactive`,
        ...changes,
        attributes: {
          ApproximateReceiveCount: 1,
          SentTimestamp: time.nowMs(),
          SenderId: ANYBODY,
          ...changes.attributes,
        },
      };
    },

    /** Handles a message within a minute, in a new worker unless the `services` of another one are given. */
    async handle(
      record: IncomingRecord,
      {
        deadLetters = false,
        signal = new AbortController().signal,
        services = newServices(),
      }: { deadLetters?: boolean; signal?: AbortSignal; services?: Services } = {},
    ) {
      const limits = {
        lambdaContext: contextOf(time.nowMs() + 60_000),
        deadLetters,
        leaseEndMs: time.nowMs() + 90_000,
        lastSendMs: time.nowMs() + 47_000,
        signal,
        listings: createRoomListings(clock),
      };
      const incoming = { ...record, source: sourceOf(record, services.config) };
      return processMessage(incoming, { ...limits, slotLines: createSlotLines({ ...services, ...limits }) }, services);
    },

    /** Releases the rooms that are due, in a new worker. */
    release: () => releaseRooms(contextOf(time.nowMs() + 70_000), newReleaseServices()),

    /** Releases rooms in a worker that crashes at the call of this name, before or after the call takes effect. */
    async crashRelease(name: string, { nth = 1 }: { nth?: number } = {}): Promise<void> {
      let left = nth;
      await new Promise<void>((resolve, reject) => {
        beforeCall = (call) => {
          if (call.name !== name || --left > 0) return undefined;
          resolve();
          return new Promise<never>(() => undefined);
        };
        this.release().then(() => reject(new Error(`The worker has not called ${name}`)), reject);
      });
      beforeCall = () => undefined;
    },

    /** The context of an invocation that begins now. */
    context: () => contextOf(time.nowMs() + 60_000),

    /** Handles a batch in a new worker. */
    handleBatch: (records: object[], options?: { deadLetters?: boolean }) =>
      processBatch({ Records: records }, contextOf(time.nowMs() + 60_000), newServices(), options),

    /** Handles a message in a worker that crashes at a call, before the call takes effect. */
    async crash(record: IncomingRecord, name: string): Promise<void> {
      await new Promise<void>((resolve, reject) => {
        beforeCall = (call) => {
          if (call.name !== name) return undefined;
          resolve();
          return new Promise<never>(() => undefined);
        };
        this.handle(record).then(() => reject(new Error(`The worker has not called ${name}`)), reject);
      });
      beforeCall = () => undefined;
    },

    /** All stored attributes of the ledger item of a key. */
    stored(idempotencyKey: string): Record<string, unknown> {
      return unmarshall(itemOf(idempotencyKey) ?? {});
    },

    /** The ledger item of a key. */
    item(idempotencyKey: string): LedgerItem | undefined {
      const item = itemOf(idempotencyKey);
      return item && parseLedgerItem(item);
    },

    /** Changes the ledger item of a key without the product. */
    async changeItem(idempotencyKey: string, changes: object): Promise<void> {
      const Item = { ...itemOf(idempotencyKey), ...marshall(changes) };
      await toDynamoDb('PutItem', { TableName: 'ledger', Item });
    },

    /** Writes the pace item of an API, which all workers share. */
    setPace: (api: string, item: object) =>
      toDynamoDb('PutItem', { TableName: 'pace', Item: marshall({ id: `${REGION}#${api}`, ...item }) }),

    /** Puts an item unchanged, as another release may have left it. */
    putItem: (table: 'ledger' | 'pace', Item: object) => toDynamoDb('PutItem', { TableName: table, Item }),

    /** Removes an item, as time to live does. */
    async removeItem(idempotencyKey: string): Promise<void> {
      await toDynamoDb('DeleteItem', { TableName: 'ledger', Key: { id: { S: ledgerKey(idempotencyKey) } } });
    },

    /** Makes an UpdateItem take effect without an answer to the product. */
    async repeat(input: object): Promise<void> {
      await toDynamoDb('UpdateItem', input);
    },

    /** The published completions. */
    completions: () => messaging.published.map(({ body }) => JSON.parse(body)),
  };
}
