import { IvschatClient } from '@aws-sdk/client-ivschat';
import { type BaseClients, createBaseClients } from './base-clients.ts';
import { timeLimits } from './time-limits.ts';

/** The SDK clients of a function that calls IVS Chat. IVS Chat's are made per region, on first use. */
export interface AwsClients extends BaseClients {
  /**
   * Sends each call once. A CreateRoom that the SDK repeats is a second room (it repeats on a reset, a time-out and a 5xx),
   * and a repeated ListRooms would take a place in the quota that the pace does not know of.
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
  // A connection kept alive may be closed by the other side while a request is on its way: ambiguity for nothing at 5 calls a second.
  const agents = { httpsAgent: { keepAlive: false }, httpAgent: { keepAlive: false } };
  return new IvschatClient({ region, maxAttempts: 1, requestHandler: { ...timeLimits(callTimeoutMs), ...agents } });
}
