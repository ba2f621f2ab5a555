import type { Problem } from '../../lib/contract/problems.ts';

/** An answer to the HTTP API, in payload format 2.0. */
export interface Answer {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/** The reasons for an answer without a token, with their status. `code` in the body is the reason. */
const STATUS = {
  unauthenticated: 401,
  forbidden: 403,
  invalid: 400,
  'no-route': 404,
  'room-unknown': 404,
  'room-failed': 404,
  'room-pending': 409,
  'room-released': 410,
  'room-gone': 410,
  throttled: 429,
  internal: 500,
} as const;

export type Refusal = keyof typeof STATUS;

/** After how many seconds the client may ask again. */
const RETRY_AFTER_SECONDS: Partial<Record<Refusal, number>> = { 'room-pending': 2, throttled: 1 };

/** Caches must not store an answer, because it may contain a token. */
const HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' };

export function issued(body: object): Answer {
  return { statusCode: 201, headers: HEADERS, body: JSON.stringify(body) };
}

export function refused(code: Refusal, problems?: Problem[]): Answer {
  const seconds = RETRY_AFTER_SECONDS[code];
  const headers = { ...HEADERS, ...(seconds !== undefined && { 'retry-after': String(seconds) }) };
  return { statusCode: STATUS[code], headers, body: JSON.stringify({ code, ...(problems && { problems }) }) };
}
