import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IvschatClient } from '@aws-sdk/client-ivschat';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { ServiceRequest, ServiceResponse } from '../../emulator/service.ts';
import type { AwsClients } from '../../lib/platform/aws-clients.ts';
import type { VirtualClock } from '../../simulation/virtual-clock.ts';
import { drawLatencyMs, IVSCHAT_ONE_WAY_MS, LATENCY_MS } from './assumptions.ts';
import type { Counts } from './counts.ts';
import type { ServerName, Servers } from './servers.ts';

/** The form in which the SDK passes a request to its handler. */
interface SdkRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}

interface Network {
  time: VirtualClock;
  random: () => number;
  servers: Servers;
  counts: Counts;
}

/** The SDK's real clients, with a delay for each request and each response. */
export function connectClients(network: Network): AwsClients {
  const credentials = { accessKeyId: 'simulated', secretAccessKey: 'simulated' };
  const setting = (name: ServerName, region: string) => ({
    region,
    credentials,
    requestHandler: { handle: (request: SdkRequest) => send(network, name, region, request) },
  });
  const home = 'eu-west-1';
  const chats = new Map<string, IvschatClient>();
  return {
    dynamodb: new DynamoDBClient(setting('dynamodb', home)),
    sns: new SNSClient(setting('sns', home)),
    sqs: new SQSClient(setting('sqs', home)),
    ivsChat(region) {
      const chat = chats.get(region) ?? new IvschatClient({ ...setting('ivschat', region), maxAttempts: 1 });
      chats.set(region, chat);
      return chat;
    },
  };
}

async function send(network: Network, name: ServerName, region: string, request: SdkRequest) {
  const { time, random, servers } = network;
  const wait = (ms: number) => new Promise<void>((resolve) => time.after(ms, () => resolve()));
  const thereMs = name === 'ivschat' ? IVSCHAT_ONE_WAY_MS : LATENCY_MS[name] / 2;
  await wait(drawLatencyMs(thereMs, random));
  const response = await servers[name](toServiceRequest(request, region));
  const dated = { ...headersOf(response), date: new Date(time.nowMs()).toUTCString() };
  await wait(drawLatencyMs(LATENCY_MS[name] - thereMs, random));
  if ('lost' in response) throw new Error('Nothing is lost in this simulation');
  return { response: { statusCode: response.status, headers: dated, body: Buffer.from(response.body) } };
}

function headersOf(response: ServiceResponse): Record<string, string> {
  return 'lost' in response ? {} : response.headers;
}

function toServiceRequest({ method, path, headers, body }: SdkRequest, region: string): ServiceRequest {
  const lowerCased = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method,
    path,
    query: new URLSearchParams(),
    headers: Object.fromEntries(lowerCased),
    body: Buffer.from(body ?? ''),
    region,
  };
}
