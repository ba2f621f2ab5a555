import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Guard } from '../iam/guard.ts';
import type { ServiceRequest, ServiceResponse } from '../service.ts';
import { type CredentialScope, credentialScopeOf } from './credential-scope.ts';

const MEBIBYTE = 1_048_576;
/** DynamoDB accepts requests of up to 16 MB. The gateway refuses larger requests to all services except S3. */
const MAX_REQUEST_BYTES = 16 * MEBIBYTE;
/**
 * "With a single PUT operation, you can upload a single object up to 5 GB in size":
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html. The gateway keeps bodies in memory, so it accepts less.
 */
const MAX_UPLOAD_BYTES = 128 * MEBIBYTE;

export interface Backend {
  /** @param gone aborts when the response is no longer needed: the caller closed the connection, or the gateway closes */
  handle(request: ServiceRequest, gone: AbortSignal): Promise<ServiceResponse>;
}

/** Handles a request in place of its service, for example to count calls. It may pass the request on to the service, changed or not. */
export type Around = (
  call: { scope: CredentialScope; request: ServiceRequest },
  handle: (request: ServiceRequest) => Promise<ServiceResponse>,
) => Promise<ServiceResponse>;

export type AdminRoute = (request: ServiceRequest) => Promise<ServiceResponse>;

export interface Answering {
  listener(message: IncomingMessage, response: ServerResponse): void;
  /** Ends the waits of all open requests. Later requests do not wait. */
  endWaits(): void;
  /** Like `endWaits`, and resolves when the open requests are answered. */
  finish(): Promise<void>;
}

export interface Answers {
  /** The backends, by signing name. */
  byName: Record<string, Backend>;
  /** Refuses requests that policies do not permit. */
  guard: Guard | undefined;
  /** Default: the service handles its requests itself. */
  around?: Around | undefined;
}

/** Requests that arrive before the backends are ready wait for them. */
export function answerRequests(backends: Promise<Answers>, adminRoutes: Record<string, AdminRoute>): Answering {
  const open = new Map<Promise<void>, AbortController>();
  let waitsAreOver = false;

  function endWaits(): void {
    waitsAreOver = true;
    for (const gone of open.values()) gone.abort();
  }

  return {
    listener(message, response) {
      const gone = new AbortController();
      if (waitsAreOver) gone.abort();
      response.once('close', () => gone.abort());
      const answered = answer(message, response, async (request) =>
        respond(await backends, adminRoutes, request, gone.signal),
      ).finally(() => open.delete(answered));
      open.set(answered, gone);
    },
    endWaits,
    async finish() {
      endWaits();
      await Promise.all(open.keys());
    },
  };
}

/** The promise never rejects: an unexpected error is answered as an internal failure and printed. */
async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  respondTo: (request: ServiceRequest) => Promise<ServiceResponse>,
): Promise<void> {
  try {
    const body = await readBody(message);
    const answered = body
      ? await respondTo(toServiceRequest(message, body))
      : refusal(413, 'RequestTooLarge', 'Too large');
    send(response, answered);
  } catch (error) {
    if (response.destroyed) return;
    console.error(error);
    send(response, refusal(500, 'InternalFailure', String(error)));
  }
}

/**
 * Undefined if the body is too large. Even then the body is read to its end, because a client that is still sending does not read a
 * response.
 */
async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  const isUpload = credentialScopeOf(message.headers.authorization)?.service === 's3';
  const maximumBytes = isUpload ? MAX_UPLOAD_BYTES : MAX_REQUEST_BYTES;
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of message) {
    sizeBytes += chunk.length;
    if (sizeBytes <= maximumBytes) chunks.push(chunk);
  }
  return sizeBytes <= maximumBytes ? Buffer.concat(chunks) : undefined;
}

function toServiceRequest(message: IncomingMessage, body: Buffer): ServiceRequest {
  const [path = '/', ...query] = (message.url ?? '/').split('?');
  const headers = Object.entries(message.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return {
    method: message.method ?? 'GET',
    path,
    query: new URLSearchParams(query.join('?')),
    headers: Object.fromEntries(headers),
    body,
    region: credentialScopeOf(message.headers.authorization)?.region ?? '',
  };
}

async function respond(
  { byName, guard, around = passOn }: Answers,
  adminRoutes: Record<string, AdminRoute>,
  request: ServiceRequest,
  gone: AbortSignal,
): Promise<ServiceResponse> {
  if (request.headers.authorization === undefined) {
    const prefix = Object.keys(adminRoutes).find((each) => request.path.startsWith(each));
    return (
      (prefix !== undefined && adminRoutes[prefix]?.(request)) ||
      refusal(403, 'MissingAuthenticationTokenException', `${request.path}: the request is not signed`)
    );
  }
  const scope = credentialScopeOf(request.headers.authorization);
  if (!scope) return refusal(403, 'IncompleteSignatureException', 'The Authorization header names no credential scope');
  const backend = Object.hasOwn(byName, scope.service) ? byName[scope.service] : undefined;
  if (!backend) {
    const known = Object.keys(byName).join(', ');
    const message = `The request is signed for "${scope.service}". The gateway serves ${known}`;
    return isQuery(request) ? queryRefusal('UnknownService', message) : refusal(400, 'UnknownService', message);
  }
  const refused = guard?.refuse(scope, request);
  if (refused) return refused;
  const answered = await around({ scope, request }, (each) => backend.handle(each, gone));
  return guard?.review(scope, request, answered) ?? answered;
}

const passOn: Around = ({ request }, handle) => handle(request);

/** Whether the client uses AWS's Query protocol, in which errors are XML: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
function isQuery({ headers }: ServiceRequest): boolean {
  return headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
}

function queryRefusal(code: string, message: string): ServiceResponse {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message.replaceAll('"', '&quot;')}</Message></Error>`;
  return {
    status: 400,
    headers: { 'content-type': 'text/xml' },
    body: `<ErrorResponse>${error}<RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  };
}

function refusal(status: number, type: string, message: string): ServiceResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-requestid': randomUUID() },
    body: JSON.stringify({ __type: type, message }),
  };
}

function send(response: ServerResponse, answered: ServiceResponse): void {
  if ('lost' in answered) {
    response.socket?.destroy();
    return;
  }
  response.statusCode = answered.status;
  response.setHeaders(new Map(Object.entries(answered.headers)));
  response.end(answered.body);
}
