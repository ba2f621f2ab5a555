import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { MemoryDynamoDb } from '../../simulation/memory-dynamodb.ts';
import { unverifiedSigner } from '../../simulation/unverified-signer.ts';

interface SdkRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
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
  return new DynamoDBClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'SECRET' },
    signer: unverifiedSigner('AKID'),
    requestHandler: { handle } as unknown as DynamoDBClient['config']['requestHandler'],
  });
}
