import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateRoomCommand, IvschatClient } from '@aws-sdk/client-ivschat';
import { jest } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { REGIONS, type Region } from '../../lib/contract/regions.ts';
import type { SweepSummary } from '../../lib/provisioning/sweep-rooms.ts';
import { openProvisioning, REGION } from './provisioning.ts';

export const SAFE_AGE_SECONDS = 60;
const OLD_MS = 3_600_000;
/** A sweep winds up for 3 s, and a call to IVS Chat may take 1 s: what is left is for sweeping. */
const RESERVED_MS = 4_000;
const WITHOUT_LIMIT = 1_000_000;

export type Sweeping = Awaited<ReturnType<typeof openSweeping>>;

/**
 * The real handler of sweep-rooms, once as deployed and once told to delete, beside that of provision-rooms, on the gateway
 * and on an IVS Chat without limits of rate. Sweeps go as fast as they can.
 */
export async function openSweeping() {
  let agoMs = 0;
  const stack = await openProvisioning({
    environment: {
      GREENROOM_CREATE_ROOM_TPS: '1000',
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
  const deleting = await loadSweeper({ SWEEP_DELETE: 'true' });

  return {
    ...stack,

    /** @param options `timeMs`: how long calls may be begun */
    sweep({ deletes = false, timeMs = 20_000 } = {}): Promise<SweepSummary> {
      return (deletes ? deleting : reportOnly)({}, contextFor(timeMs + RESERVED_MS));
    },

    /** A room made past greenroom, an hour ago unless `agoMs` says otherwise. @returns its ARN */
    async makeRoom(
      tags: Record<string, string>,
      { region = REGION, agoMs: madeAgoMs = OLD_MS }: { region?: Region; agoMs?: number } = {},
    ): Promise<string> {
      agoMs = madeAgoMs;
      const { arn = '' } = (await clients.get(region)?.send(new CreateRoomCommand({ tags }))) ?? {};
      agoMs = 0;
      return arn;
    },

    /** Makes an item such that it can't be read. */
    async damageItem(id: string): Promise<void> {
      await stack.clients.dynamodb.send(
        new UpdateItemCommand({
          TableName: 'ledger',
          Key: { id: { S: id } },
          UpdateExpression: 'SET schema_version = :unknown',
          ExpressionAttributeValues: { ':unknown': { N: '99' } },
        }),
      );
    },

    /** When the next call of an API is free, as the shared pace has it; undefined if none was ever made. */
    async paceOf(api: string, region: Region): Promise<string | undefined> {
      const Key = { id: { S: `${region}#${api}` } };
      const { Item } = await stack.clients.dynamodb.send(new GetItemCommand({ TableName: 'pace', Key }));
      return Item?.free_at?.N;
    },

    /** How often an API was called, in all regions or in one. */
    callsOf: (api: string, inRegion?: Region) =>
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

/** The handler reads its environment when it is loaded, so every environment needs a copy of its own. */
async function loadSweeper(environment: Record<string, string>) {
  Object.assign(process.env, environment);
  jest.resetModules();
  const { handler } = await import('../../functions/sweep-rooms.ts');
  for (const name of Object.keys(environment)) delete process.env[name];
  return handler;
}

function contextFor(timeoutMs: number): Context {
  const deadlineMs = Date.now() + timeoutMs;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: 'sweep-rooms',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:sweep-rooms',
    memoryLimitInMB: '256',
    awsRequestId: 'request',
    logGroupName: 'group',
    logStreamName: 'stream',
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
