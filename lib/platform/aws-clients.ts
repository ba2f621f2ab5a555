import { IvschatClient } from '@aws-sdk/client-ivschat';
import { type BaseClients, createBaseClients } from './base-clients.ts';
import { timeLimits } from './time-limits.ts';

/** The SDK clients of a function that calls IVS Chat. Clients of IVS Chat are created per region, on first use. */
export interface AwsClients extends BaseClients {
  /**
   * A client that sends each call once. By default the SDK retries after a reset, a timeout or a 5xx. A retried CreateRoom can create a
   * second room, and a retried ListRooms is a call that the pace does not count.
   */
  ivsChat(region: string): IvschatClient;
}

/** Call it once, at cold start. `callTimeoutMs` limits how long each call to IVS Chat may take. */
export function createAwsClients({ callTimeoutMs }: { callTimeoutMs: number }): AwsClients {
  const ivsChatClients = new Map<string, IvschatClient>();
  return {
    ...createBaseClients(),
    ivsChat(region) {
      const client = ivsChatClients.get(region) ?? createIvsChatClient(region, callTimeoutMs);
      ivsChatClients.set(region, client);
      return client;
    },
  };
}

function createIvsChatClient(region: string, callTimeoutMs: number): IvschatClient {
  // The server may close a kept-alive connection while a request is in flight, which makes the outcome of the call ambiguous. At 5 calls a
  // second, keep-alive would save little anyway.
  const agents = { httpsAgent: { keepAlive: false }, httpAgent: { keepAlive: false } };
  return new IvschatClient({ region, maxAttempts: 1, requestHandler: { ...timeLimits(callTimeoutMs), ...agents } });
}
