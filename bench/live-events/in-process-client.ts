import type { ServiceRequest, ServiceResponse } from '../../emulator/service.ts';
import { unverifiedSigner } from '../../simulation/unverified-signer.ts';

/** The form in which the SDK passes a request to its handler. */
interface SdkRequest {
  method: string;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}

/** A function between a client and its service. It may inspect a call, delay it, or never respond to it. */
export type Intercept = (call: string, send: () => Promise<ServiceResponse>) => Promise<ServiceResponse>;

/** Settings of an SDK client whose calls go directly to an emulated service in this process, once each. */
export function inProcess(handle: (request: ServiceRequest) => Promise<ServiceResponse>, intercept: Intercept) {
  return {
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    signer: unverifiedSigner('local'),
    maxAttempts: 1,
    requestHandler: {
      async handle(request: SdkRequest) {
        const response = await intercept(callName(request), () => handle(toServiceRequest(request)));
        if ('lost' in response) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
        const { status: statusCode, headers, body } = response;
        return { response: { statusCode, headers, body: Buffer.from(body) } };
      },
      metadata: { handlerProtocol: 'h1' },
      destroy: () => undefined,
    },
  };
}

/** The name of the API's action. For a REST API, the method and the collection. */
function callName({ headers, method, path, body }: SdkRequest): string {
  const target = headers['x-amz-target']?.split('.').at(-1);
  if (target !== undefined) return target;
  if (path.length > 1) return `${method} ${path.split('/')[1]}`;
  return new URLSearchParams(String(body)).get('Action') ?? '';
}

function toServiceRequest({ method, path, query = {}, headers, body }: SdkRequest): ServiceRequest {
  const search = new URLSearchParams();
  for (const [name, values] of Object.entries(query))
    for (const value of [values].flat()) search.append(name, value ?? '');
  const lowerCased = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method,
    path,
    query: search,
    headers: Object.fromEntries(lowerCased),
    body: Buffer.from(body ?? ''),
    region: 'eu-west-1',
  };
}
