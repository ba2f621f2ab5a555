import { newestFirst, type Resource } from './collection.ts';
import { type ApiError, invalid } from './errors.ts';

const DEFAULT_PAGE_SIZE = 50;
const TOKEN = /^(\d{1,16}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([A-Za-z0-9]{12})$/;

type Position = Pick<Resource, 'updateTime' | 'id'> & { issuedAtMs: number };

export interface PageRequest {
  nextToken?: string | undefined;
  maxResults?: number | undefined;
}

/** Which page tokens are valid at a given time. */
export interface TokenRules {
  nowMs: number;
  /** Tokens that were issued before this time are refused. */
  validFromMs: number;
}

/**
 * How long a token is valid. AWS documents no lifetime for ListRooms. For other APIs it documents lifetimes from 15 minutes to a day:
 * https://docs.aws.amazon.com/botocore/latest/reference/services/resourcegroupstaggingapi/client/exceptions/PaginationTokenExpiredException.html
 */
export const TOKEN_LIFETIME_MS = 15 * 60_000;

/**
 * One page of an ordered listing. The token names the resource after which the next page begins, so creating or deleting resources between
 * two pages does not shift the pages. A resource that is updated between two pages moves to the top and is missing from the later pages.
 */
export function pageOf<T extends Resource>(
  sorted: T[],
  { nextToken, maxResults = DEFAULT_PAGE_SIZE }: PageRequest,
  { nowMs, validFromMs }: TokenRules,
): { items: T[]; token: { nextToken?: string }; error?: never } | { error: ApiError } {
  const after = nextToken ? decode(nextToken) : undefined;
  if (nextToken && (after === undefined || after.issuedAtMs < validFromMs)) {
    return { error: invalid([{ name: 'nextToken', message: 'The token is not valid' }]) };
  }
  const start = after ? firstAfter(sorted, after) : 0;
  const items = sorted.slice(start, start + maxResults);
  const last = items.at(-1);
  const isLast = start + items.length >= sorted.length;
  return { items, token: last && !isLast ? { nextToken: encode({ ...last, issuedAtMs: Math.floor(nowMs) }) } : {} };
}

/** A binary search, because tens of thousands of rooms may have one name. */
function firstAfter(sorted: readonly Resource[], after: Position): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const resource = sorted[middle];
    if (resource && newestFirst(after, resource) < 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

function encode({ issuedAtMs, updateTime, id }: Position): string {
  return Buffer.from(`${issuedAtMs} ${updateTime} ${id}`).toString('base64url');
}

function decode(token: string): Position | undefined {
  const [, issuedAt, updateTime, id] = TOKEN.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (updateTime === undefined || id === undefined) return undefined;
  const position = { issuedAtMs: Number(issuedAt), updateTime, id };
  return encode(position) === token ? position : undefined;
}
