import { setImmediate } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { MemoryDynamoDb } from '../../simulation/memory-dynamodb.ts';
import { unverifiedSigner } from '../../simulation/unverified-signer.ts';

interface SdkRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}

let callsInFlight = 0;

/**
 * Resolves when all code waits for a virtual clock and no client of this module has a call in flight. One turn of the event loop is not
 * enough for a call of the SDK: its first call loads modules, and a busy machine takes several turns for it.
 */
export async function callsSettled(): Promise<void> {
  do await setImmediate();
  while (callsInFlight > 0);
}

/** The SDK's client on tables in memory, without a server and without delays. Answers have dates if there is a clock. */
export function memoryDynamoDbClient(dynamodb: Pick<MemoryDynamoDb, 'handle'>, nowMs?: () => number): DynamoDBClient {
  const handle = async ({ method, path, headers, body }: SdkRequest) => {
    const query = new URLSearchParams();
    const answer = await dynamodb.handle({ method, path, query, headers, body: Buffer.from(body ?? ''), region: '' });
    if ('lost' in answer) throw new Error('Nothing is lost in memory');
    const date = nowMs && { date: new Date(nowMs()).toUTCString() };
    return {
      response: { statusCode: answer.status, headers: { ...answer.headers, ...date }, body: Buffer.from(answer.body) },
    };
  };
  const client = new DynamoDBClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'SECRET' },
    signer: unverifiedSigner('AKID'),
    requestHandler: { handle } as unknown as DynamoDBClient['config']['requestHandler'],
  });
  client.middlewareStack.add(
    (next) => async (call) => {
      callsInFlight += 1;
      return next(call).finally(() => {
        callsInFlight -= 1;
      });
    },
    { step: 'initialize', priority: 'high' },
  );
  return client;
}
