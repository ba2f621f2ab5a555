import { IvschatClient } from '@aws-sdk/client-ivschat';
import * as z from 'zod';
import type { ServiceRequest, ServiceResponse } from '../../emulator/service.ts';
import { unverifiedSigner } from '../../simulation/unverified-signer.ts';

/** A call that arrives at the service in memory, and its response. */
export type Deliver = (request: ServiceRequest) => Promise<Exclude<ServiceResponse, { lost: true }>>;

/** The parts of the SDK's commands that name the operation and its input. */
export interface Command {
  constructor: { name: string };
  input: object;
}

interface SdkRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}

const outputSchema = z.looseObject({});

export const SETTING = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'simulated', secretAccessKey: 'simulated' },
  signer: unverifiedSigner('simulated'),
};

/**
 * The client of a region. CreateRoom goes through the SDK, because greenroom determines how it is signed. The other calls go directly to the
 * service in memory, because the SDK would take much of a run's processor time.
 */
export function ivsChatClient(region: string, deliver: Deliver, nowMs: () => number): IvschatClient {
  const requestHandler = {
    async handle({ method, path, headers, body }: SdkRequest) {
      const lowerCased = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
      const response = await deliver({
        ...{ method, path, region, query: new URLSearchParams(), body: Buffer.from(body ?? '') },
        headers: Object.fromEntries(lowerCased),
      });
      return { response: { statusCode: response.status, headers: response.headers, body: Buffer.from(response.body) } };
    },
  };
  const sdk = new IvschatClient({ ...SETTING, region, maxAttempts: 1, requestHandler });
  const direct = new IvschatClient({ ...SETTING, region });
  return Object.assign(direct, {
    send: (command: Command & Parameters<typeof sdk.send>[0]) =>
      operationOf(command) === 'CreateRoom' ? sdk.send(command) : callDirectly(command),
  });

  async function callDirectly(command: Command): Promise<object> {
    const path = `/${operationOf(command)}`;
    const headers = signedAt(nowMs());
    const body = Buffer.from(JSON.stringify(command.input));
    const response = await deliver({ method: 'POST', path, query: new URLSearchParams(), headers, body, region });
    const output = outputSchema.parse(JSON.parse(String(response.body) || '{}'));
    const $metadata = { httpStatusCode: response.status };
    if (response.status < 300) return { ...output, $metadata };
    const name = response.headers['x-amzn-errortype'] ?? 'UnknownError';
    throw Object.assign(new Error(String(output.message ?? name)), { ...output, name, $metadata });
  }
}

/** The operation that a command calls, for example `GetRoom`. */
export function operationOf(command: Command): string {
  return command.constructor.name.replace(/Command$/, '');
}

/** The headers of a signed request. No service in this process verifies the signature. */
export function signedAt(ms: number): Record<string, string> {
  return {
    'x-amz-date': new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, ''),
    authorization: 'AWS4-HMAC-SHA256 Credential=simulated, Signature=unverified',
  };
}
