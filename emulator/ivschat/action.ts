import type { ApiError } from './errors.ts';
import type { Quotas } from './quotas.ts';
import type { Region } from './store.ts';

/** What an action works on. */
export interface ActionContext {
  region: Region;
  regionName: string;
  accountId: string;
  quotas: Quotas;
  /** The moment of the call. */
  nowMs: number;
  /** Listings refuse tokens that were issued before this. */
  tokensValidFromMs: number;
  random: () => number;
}

/** The body of the answer (null where the operation has none), or why there is none. */
export type ActionResult = { output: object | null; error?: never } | { error: ApiError };

/**
 * One operation of the API. Its input has been checked against the service model; the schema that each action parses it
 * with only says which members it reads.
 */
export type Action = (input: unknown, context: ActionContext) => ActionResult;

const ID_LENGTH = 12;
const ID_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The id, ARN and times of a new resource. An id that is taken, as a seeded `random` will draw, is numbered instead. */
export function newIdentity(
  type: 'room' | 'logging-configuration',
  { regionName, accountId, region, random, nowMs }: ActionContext,
): { arn: string; id: string; createTime: string; updateTime: string } {
  const collection = type === 'room' ? region.rooms : region.loggingConfigurations;
  const arnOf = (id: string) => `arn:aws:ivschat:${regionName}:${accountId}:${type}/${id}`;
  const character = () => ID_CHARACTERS.charAt(Math.floor(random() * ID_CHARACTERS.length));
  const drawn = Array.from({ length: ID_LENGTH }, character).join('');
  let id = drawn;
  for (let number = collection.count(); collection.get(arnOf(id)) !== undefined; number += 1) {
    const suffix = String(number);
    id = drawn.slice(0, ID_LENGTH - suffix.length) + suffix;
  }
  const time = isoTime(nowMs);
  return { arn: arnOf(id), id, createTime: time, updateTime: time };
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
