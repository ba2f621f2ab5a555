import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IvschatClient } from '@aws-sdk/client-ivschat';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createIvsChat } from '../../emulator/ivschat/ivs-chat.ts';
import type { QuotaChange } from '../../emulator/ivschat/quotas.ts';
import type { Service } from '../../emulator/service.ts';
import type { AwsClients } from '../../lib/platform/aws-clients.ts';
import { LEDGER_TABLE } from '../../simulation/ledger-table.ts';
import { createMemoryDynamoDb } from '../../simulation/memory-dynamodb.ts';
import { createMemoryMessaging } from '../../simulation/memory-messaging.ts';
import { unverifiedSigner } from '../../simulation/unverified-signer.ts';
import { config } from '../fixtures/simulated-stage.ts';
import { callName, type SdkRequest, type ServiceName } from '../simulation/network.ts';
import { readQueueRules } from '../simulation/queue-rules.ts';

export const REGION = 'eu-west-1';

/** One call to AWS. */
export interface Call {
  name: string;
  atMs: number;
  /** The parsed JSON input, or for SNS the fields of the form. */
  // biome-ignore lint/suspicious/noExplicitAny: the inputs of many operations; each test knows its own
  input: any;
}

/** Called before a call takes effect. If it throws, the call fails with that error. */
export type OnCall = (call: Call) => Promise<void> | undefined;

/**
 * The four services in memory with the SDK's real clients, without a server and without delays. Rooms are listed immediately or after a
 * fixed lag.
 * @param now the time of the services, which is also the signing date of the client of IVS Chat
 */
export function createMemoryServices(
  now: () => number,
  onCall: OnCall,
  options: { quotas?: QuotaChange; listingLagMs?: number; newRoomLagMs?: number; indexLagMs?: () => number },
) {
  const { indexLagMs } = options;
  const dynamodb = createMemoryDynamoDb({ indexed: { ledger: LEDGER_TABLE }, now, ...(indexLagMs && { indexLagMs }) });
  const messaging = createMemoryMessaging(now, readQueueRules);
  const ivsChat = createIvsChat({
    now,
    random: () => 0.999_999,
    signatureLifetimeMs: config.timing.signatureLifetimeMs,
    listingLagMs: 0,
    ...options,
  });
  const services: Record<ServiceName, Service['handle']> = {
    dynamodb: dynamodb.handle,
    sqs: async (request) => messaging.sqs(request),
    sns: async (request) => messaging.sns(request),
    ivschat: ivsChat.handle,
  };

  function through(service: ServiceName) {
    const handle = async (request: SdkRequest, { abortSignal }: { abortSignal?: AbortSignal } = {}) => {
      const text = String(request.body ?? '');
      const input = service === 'sns' ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text);
      await onCall({ name: callName(service, request), atMs: now(), input });
      if (abortSignal?.aborted) throw Object.assign(new Error('Request aborted'), { name: 'AbortError' });
      const headers = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]);
      const answer = await services[service]({
        ...request,
        headers: Object.fromEntries(headers),
        query: new URLSearchParams(),
        body: Buffer.from(text),
        region: REGION,
      });
      if ('lost' in answer) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      // As in AWS, answers have dates, from which a worker learns that its clock is wrong.
      const dated = { ...answer.headers, date: new Date(now()).toUTCString() };
      return { response: { statusCode: answer.status, headers: dated, body: Buffer.from(answer.body) } };
    };
    return {
      region: REGION,
      credentials: { accessKeyId: 'AKID', secretAccessKey: 'SECRET' },
      signer: unverifiedSigner('AKID'),
      maxAttempts: 1,
      requestHandler: { handle } as unknown as DynamoDBClient['config']['requestHandler'],
    };
  }

  const ivsChatClient = new IvschatClient(through('ivschat'));
  const clients: AwsClients = {
    dynamodb: new DynamoDBClient(through('dynamodb')),
    sns: new SNSClient(through('sns')),
    sqs: new SQSClient(through('sqs')),
    ivsChat() {
      ivsChatClient.config.systemClockOffset = now() - Date.now();
      return ivsChatClient;
    },
  };
  return { clients, dynamodb, messaging, ivsChat };
}
