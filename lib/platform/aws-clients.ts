import { IvschatClient } from '@aws-sdk/client-ivschat';
import { type BaseClients, createBaseClients } from './base-clients.ts';
import { timeLimits } from './time-limits.ts';

/** The SDK clients of a function that calls IVS Chat. Clients of IVS Chat are created per region, on first use. */
export interface AwsClients extends BaseClients {
  /**
   * Sends each call once. The SDK would retry after a reset, a time-out and a 5xx. A retried CreateRoom can create a second room,
   * and a retried ListRooms is a call that the pace does not count.
   */
  ivsChat(region: string): IvschatClient;
}

/** Builds the clients once, at cold start. `callTimeoutMs` limits every call to IVS Chat. */
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
  // The other side may close a kept-alive connection while a request is under way. Then the outcome of the call is ambiguous, and at
  // 5 calls a second keep-alive saves little.
  const agents = { httpsAgent: { keepAlive: false }, httpAgent: { keepAlive: false } };
  return new IvschatClient({ region, maxAttempts: 1, requestHandler: { ...timeLimits(callTimeoutMs), ...agents } });
}
