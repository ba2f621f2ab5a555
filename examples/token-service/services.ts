import type { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IvschatClient } from '@aws-sdk/client-ivschat';
import * as z from 'zod/mini';
import { type RoomOfKey, roomInLedger } from './room-of-key.ts';

/** What the handler needs to answer a request. */
export interface Services {
  roomOf(key: string): Promise<RoomOfKey>;
  /** The client of IVS Chat in the region of a room. */
  ivsChat(region: string): IvschatClient;
  logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  nowMs(): number;
}

const environmentSchema = z.object({ LEDGER_TABLE: z.string().check(z.minLength(1)) });

/** Each attempt of a call ends after this time. An HTTP API answers 503 if the function takes longer than 30 seconds. */
const CALL_TIMEOUT_MS = 2_000;

/** @throws ZodError if the environment is incomplete, so that a bad deployment fails at its first cold start */
export function servicesFrom(environment: Record<string, string | undefined>, logger: Services['logger']): Services {
  const { LEDGER_TABLE: ledgerTable } = environmentSchema.parse(environment);
  const limits = { requestTimeout: CALL_TIMEOUT_MS, throwOnRequestTimeout: true };
  const dynamodb = new DynamoDBClient({ requestHandler: limits });
  const clients = new Map<string, IvschatClient>();
  return {
    roomOf: (key) => roomInLedger({ dynamodb, ledgerTable }, key),
    ivsChat(region) {
      const client = clients.get(region) ?? new IvschatClient({ region, requestHandler: limits });
      clients.set(region, client);
      return client;
    },
    logger,
    nowMs: Date.now,
  };
}
