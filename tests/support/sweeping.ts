import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DeleteItemCommand, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateRoomCommand, IvschatClient } from '@aws-sdk/client-ivschat';
import { marshall } from '@aws-sdk/util-dynamodb';
import { ledgerKey } from '../../lib/contract/keys.ts';
import { REGIONS, type Region } from '../../lib/contract/regions.ts';
import { type DeployedStage, ownTags } from '../../lib/ledger/room-tags.ts';
import type { RoomApi } from '../../lib/pace/pace-item.ts';
import { SWEEP_POSITION_KEY } from '../../lib/pace/pace-table.ts';
import { parseSweepState, type RoomCount } from '../../lib/sweeping/sweep-position.ts';
import type { RegionSummary } from '../../lib/sweeping/sweep-region.ts';
import { type SweepSummary, sweepRooms } from '../../lib/sweeping/sweep-rooms.ts';
import { sweepServicesFrom } from '../../lib/sweeping/sweep-services.ts';
import { REGION } from './gateway-clients.ts';
import { contextUntil } from './lambda-context.ts';
import { openProvisioning } from './provisioning.ts';

export const SAFE_AGE_SECONDS = 60;
const OLD_MS = 3_600_000;
const CALL_TIMEOUT_MS = 5_000;
/** A sweep reserves 3 s for its end, and begins no call that could time out later. The rest of its time is for sweeping. */
const RESERVED_MS = 3_000 + CALL_TIMEOUT_MS;
const WITHOUT_LIMIT = 1_000_000;

export type LogLine = Record<string, unknown>;
export type Sweeping = Awaited<ReturnType<typeof openSweeping>>;

/**
 * The real handler of sweep-rooms, both as deployed and with deletion enabled, and that of provision-rooms, on the gateway and on
 * an IVS Chat without rate limits. Sweeps make calls as fast as possible.
 */
export async function openSweeping() {
  let agoMs = 0;
  const stack = await openProvisioning({
    environment: {
      GREENROOM_CREATE_ROOM_TPS: '1000',
      GREENROOM_CALL_TIMEOUT_SECONDS: String(CALL_TIMEOUT_MS / 1000),
      GREENROOM_SWEEP_SAFE_AGE_SECONDS: String(SAFE_AGE_SECONDS),
      GREENROOM_SWEEP_CALLS_PER_SECOND: String(WITHOUT_LIMIT),
    },
    ivsChat: {
      now: () => Date.now() - agoMs,
      signatureLifetimeMs: 2 * OLD_MS,
      listingLagMs: 0,
      quotas: { burst: WITHOUT_LIMIT },
    },
  });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const clients = new Map(
    REGIONS.map((region) => [
      region,
      new IvschatClient({ region, endpoint: stack.endpoint, credentials, maxAttempts: 1 }),
    ]),
  );
  const reportOnly = await loadSweeper({});
  const deleting = await loadSweeper({ GREENROOM_SWEEP_DELETE: 'true' });
  await stack.clients.dynamodb.send(
    new CreateTableCommand({
      TableName: LEDGER_ELSEWHERE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  const elsewhere = await loadSweeper({
    GREENROOM_SWEEP_DELETE: 'true',
    GREENROOM_LEDGER_TABLE: LEDGER_ELSEWHERE,
    AWS_REGION: DEPLOYED_ELSEWHERE.deploymentRegion,
  });

  async function itemOf(idempotencyKey: string) {
    const item = await stack.ledgerItem(idempotencyKey);
    if (item === undefined) throw new Error('The key has no item');
    return item;
  }

  /** Sets attributes of the ledger item of a key. */
  async function change(idempotencyKey: string, attributes: Record<string, unknown>): Promise<void> {
    const names = Object.keys(attributes);
    await stack.clients.dynamodb.send(
      new UpdateItemCommand({
        TableName: 'ledger',
        Key: { id: { S: ledgerKey(idempotencyKey) } },
        UpdateExpression: `SET ${names.map((name) => `${name} = :${name}`).join(', ')}`,
        ExpressionAttributeValues: marshall(Object.fromEntries(names.map((name) => [`:${name}`, attributes[name]]))),
      }),
    );
  }

  return {
    ...stack,
    itemOf,

    /** Sends a request, and handles it with the real provision-rooms. @returns the resulting ledger item of the key */
    async provision(idempotencyKey: string, region: Region = REGION) {
      await stack.send([{ idempotencyKey, room: { name: 'hall' }, region }]);
      await stack.deliver();
      return itemOf(idempotencyKey);
    },

    /** @param options `timeMs`: the time in which calls may begin */
    sweep({ deletes = false, timeMs = 20_000 } = {}): Promise<SweepSummary> {
      return (deletes ? deleting : reportOnly)({}, contextUntil(Date.now() + timeMs + RESERVED_MS));
    },

    /** A deleting sweep of the same stage in another region, whose ledger is empty. */
    sweepElsewhere: (): Promise<SweepSummary> => elsewhere({}, contextUntil(Date.now() + 20_000 + RESERVED_MS)),

    /** Runs a sweep that only reports. @returns its log lines */
    async report(): Promise<LogLine[]> {
      const lines: LogLine[] = [];
      const note =
        (level: string) =>
        (message: unknown, ...fields: unknown[]) => {
          lines.push(Object.assign({ level, message }, ...fields));
        };
      const log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
      await sweepRooms(contextUntil(Date.now() + 20_000 + RESERVED_MS), { ...sweepServicesFrom(process.env), log });
      return lines;
    },

    /** Creates a room without greenroom, `agoMs` ago (by default an hour). @returns its ARN */
    async makeRoom(
      tags: Record<string, string>,
      { region = REGION, agoMs: madeAgoMs = OLD_MS }: { region?: Region; agoMs?: number } = {},
    ): Promise<string> {
      agoMs = madeAgoMs;
      const { arn = '' } = (await clients.get(region)?.send(new CreateRoomCommand({ tags }))) ?? {};
      agoMs = 0;
      return arn;
    },

    /** Removes an item, as time to live does. */
    async forget(idempotencyKey: string): Promise<void> {
      const Key = { id: { S: ledgerKey(idempotencyKey) } };
      await stack.clients.dynamodb.send(new DeleteItemCommand({ TableName: 'ledger', Key }));
    },

    /** Makes an item unreadable. */
    damage: (idempotencyKey: string) => change(idempotencyKey, { schema_version: 99 }),

    change,

    /** The time of the next free slot of an API in the pace table, in epoch milliseconds; 0 if no slot was reserved. */
    async freeAtMs(api: RoomApi, region: Region): Promise<number> {
      const Key = { id: { S: `${region}#${api}` } };
      const { Item } = await stack.clients.dynamodb.send(new GetItemCommand({ TableName: 'pace', Key }));
      return Number(Item?.free_at?.N ?? 0);
    },

    /** The number of rooms that the sweeps have stored for a region. */
    async roomCount(region: Region): Promise<RoomCount | undefined> {
      const { Item } = await stack.clients.dynamodb.send(
        new GetItemCommand({ TableName: 'pace', Key: SWEEP_POSITION_KEY }),
      );
      return parseSweepState(Item).roomCounts.find((each) => each.region === region)?.count;
    },

    /** Removes the count from the position that a sweep has stored, because the previous release stored none. */
    async forgetListed(): Promise<void> {
      await stack.clients.dynamodb.send(
        new UpdateItemCommand({
          TableName: 'pace',
          Key: SWEEP_POSITION_KEY,
          UpdateExpression: 'REMOVE go_on.listed',
        }),
      );
    },

    /** The ARNs of all rooms. */
    rooms: () =>
      stack.ivsChat
        .rooms()
        .map(({ arn }) => arn)
        .toSorted(),

    /** How often an API was called, in all regions or in one. */
    callsOf: (api: RoomApi, inRegion?: Region) =>
      stack.ivsChat
        .calls()
        .counts.filter(({ operation, region }) => operation === api && (inRegion ?? region) === region)
        .reduce((sum, { count }) => sum + count, 0),

    async close(): Promise<void> {
      for (const client of clients.values()) client.destroy();
      await stack.close();
    },
  };
}

/** The deployment to which these sweeps belong. */
export const DEPLOYED: DeployedStage = { stage: 'test', deploymentRegion: REGION };
/** The same stage in another region of the account. */
export const DEPLOYED_ELSEWHERE: DeployedStage = { stage: 'test', deploymentRegion: 'us-west-2' };
const LEDGER_ELSEWHERE = 'ledger-elsewhere';

/** The tags that greenroom puts on a room of this claim. */
export function tagsOf(claim: { id: string; claim_id: string; generation: number }): Record<string, string> {
  return ownTags(claim, DEPLOYED);
}

/** The result of a sweep for one region. */
export function inRegion({ regions }: SweepSummary, wanted: Region = REGION): RegionSummary | undefined {
  return regions.find(({ region }) => region === wanted);
}

const SWEEPER = '../../functions/sweep-rooms.ts';

/** The handler reads its environment when it is loaded, so every environment needs its own copy. */
async function loadSweeper(environment: Record<string, string>) {
  const before = { ...process.env };
  Object.assign(process.env, environment);
  const { handler }: typeof import('../../functions/sweep-rooms.ts') = await import(`${SWEEPER}?copy=${randomUUID()}`);
  for (const name of Object.keys(environment)) delete process.env[name];
  Object.assign(process.env, before);
  return handler;
}
