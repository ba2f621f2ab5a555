import type { ApiError } from './errors.ts';
import type { Quotas } from './quotas.ts';
import type { Region } from './store.ts';

/** The state and the services that an action uses. */
export interface ActionContext {
  region: Region;
  regionName: string;
  accountId: string;
  quotas: Quotas;
  /** The time of the call. */
  nowMs: number;
  /** When a deletion takes effect: at the time of the call, or later if a fault delays the effect of the call. */
  effectAtMs: number;
  /** Listings refuse page tokens that were issued before this time. */
  tokensValidFromMs: number;
  random: () => number;
}

/** The body of the response (null if the operation has none), or the error. */
export type ActionResult = { output: object | null; error?: never } | { error: ApiError };

/**
 * One operation of the API. Its input has already been checked against the service model, so an action's own schema lists only the members
 * that the action reads.
 */
export type Action = (input: unknown, context: ActionContext) => ActionResult;

const ID_LENGTH = 12;
const ID_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * The id, ARN and times of a new resource. If the id is taken, which a seeded `random` can cause, a number replaces its last characters.
 */
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
