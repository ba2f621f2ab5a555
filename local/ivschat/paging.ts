import { newestFirst, type Resource } from './collection.ts';
import { type ApiError, invalid } from './errors.ts';

const DEFAULT_PAGE_SIZE = 50;
const POSITION = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([A-Za-z0-9]{12})$/;

type Position = Pick<Resource, 'updateTime' | 'id'>;

/**
 * One page of an ordered listing. The token says after which resource the next page begins, so resources that are
 * created while somebody pages shift nothing.
 */
export function pageOf<T extends Resource>(
  sorted: T[],
  { nextToken, maxResults = DEFAULT_PAGE_SIZE }: { nextToken?: string | undefined; maxResults?: number | undefined },
): { items: T[]; token: { nextToken?: string }; error?: never } | { error: ApiError } {
  const after = nextToken ? decode(nextToken) : undefined;
  if (nextToken && !after) return { error: invalid([{ name: 'nextToken', message: 'The token is not valid' }]) };
  const rest = after ? sorted.filter((resource) => newestFirst(after, resource) < 0) : sorted;
  const items = rest.slice(0, maxResults);
  const last = items.at(-1);
  return { items, token: last && rest.length > items.length ? { nextToken: encode(last) } : {} };
}

function encode({ updateTime, id }: Position): string {
  return Buffer.from(`${updateTime} ${id}`).toString('base64url');
}

function decode(token: string): Position | undefined {
  const [, updateTime, id] = POSITION.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (updateTime === undefined || id === undefined) return undefined;
  const position = { updateTime, id };
  return encode(position) === token ? position : undefined;
}
