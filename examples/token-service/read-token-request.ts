import * as z from 'zod/mini';
import { keyTextProblems } from '../../lib/contract/key-edges.ts';
import { type Problem, problemsOf } from '../../lib/contract/problems.ts';
import { roomRequestSchema } from '../../lib/contract/room-request.ts';
import { type Caller, callerOf } from './caller.ts';

/** A request for a token, or the reason why it gets none. */
export type TokenRequest =
  | { kind: 'request'; key: string; caller: Caller }
  | { kind: 'unauthenticated' }
  | { kind: 'forbidden' }
  | { kind: 'no-route' }
  | { kind: 'invalid'; problems: Problem[] };

/**
 * The parts of an event of an HTTP API (payload 2.0) that the function reads. The claims are those of a JWT authorizer:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
const eventSchema = z.object({
  pathParameters: z.optional(z.object({ path: z.optional(z.string()) })),
  requestContext: z.object({
    authorizer: z.optional(
      z.object({ jwt: z.optional(z.object({ claims: z.optional(z.record(z.string(), z.unknown())) })) }),
    ),
  }),
});

const keySchema = roomRequestSchema.shape.idempotencyKey;
/** The limit of `userId` in CreateChatToken: https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/API_CreateChatToken.html */
const MAX_USER_ID_CHARACTERS = 128;

/** @throws ZodError if the event is not one of an HTTP API: the function is connected to something else */
export function readTokenRequest(event: unknown): TokenRequest {
  const { pathParameters, requestContext } = eventSchema.parse(event);
  const read = callerOf(requestContext.authorizer?.jwt?.claims);
  if (read.kind !== 'caller') return read;
  const [, key] = /^(.*)\/token$/su.exec(pathParameters?.path ?? '') ?? [];
  if (key === undefined) return { kind: 'no-route' };
  const problems = [...keyProblems(key), ...userIdProblems(read.caller.userId)];
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'request', key, caller: read.caller };
}

/**
 * The problems of the key: those that greenroom finds in the key of a request, and those of a path. "API Gateway decodes URL-encoded request
 * parameters before passing them to your backend integration", so the key is not decoded again, and a key that still looks encoded was
 * encoded twice: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
function keyProblems(key: string): Problem[] {
  const parsed = keySchema.safeParse(key);
  const ofContract = parsed.success ? [] : problemsOf(parsed.error, keySchema);
  const problems = [...ofContract, ...keyTextProblems('', key)].map(({ message }) => message);
  const [encoded] = /%[0-9a-f]{2}/i.exec(key) ?? [];
  if (encoded !== undefined) problems.push(`contains "${encoded}": encode the key only once`);
  // Clients and proxies remove such segments, so the key of the request is not certain.
  if (key.split(/[/\\]/).some((segment) => segment === '.' || segment === '..'))
    problems.push('must not have a segment "." or ".."');
  return problems.map((message) => ({ path: 'key', message }));
}

function userIdProblems(userId: string): Problem[] {
  if ([...userId].length <= MAX_USER_ID_CHARACTERS) return [];
  return [{ path: 'userId', message: `must be at most ${MAX_USER_ID_CHARACTERS} characters long` }];
}
