import { payloadHash } from '../../lib/contract/keys.ts';
import { RELEASE_COMMAND_TYPE } from '../../lib/contract/release-command.ts';
import { KEEP_MS } from '../../lib/contract/release-wish.ts';
import type { ScenarioRequest } from '../simulation/scenario.ts';
import type { Asker } from './release-promises.ts';

const REGION = 'eu-west-1';

export interface Commanded {
  /** When to release the room, from now. Absent: now */
  releaseInMs?: number;
  /** Withdraws a release. */
  keep?: boolean;
  /** When the wish was made. Default: now */
  wishedAtMs?: number;
}

/** The sender of a request. @param askedAtMs when its message was first sent */
export function requestAsker(request: ScenarioRequest, askedAtMs: number): Asker {
  const { number, room, releaseAtMs, sentAtMs, isRow } = request;
  return {
    kind: 'request',
    correlationId: `request ${number}`,
    sentAtMs,
    askedAtMs,
    wish: releaseAtMs === undefined ? undefined : { releaseAtMs, wishedAtMs: askedAtMs },
    payloadHash: payloadHash({ room, region: REGION }),
    ...(isRow && { isRow }),
  };
}

export function commandAsker({ releaseInMs = 0, keep, wishedAtMs }: Commanded, number: number, nowMs: number): Asker {
  const releaseAtMs = keep ? KEEP_MS : nowMs + releaseInMs;
  return {
    kind: 'command',
    correlationId: `command ${number}`,
    sentAtMs: nowMs,
    askedAtMs: nowMs,
    wish: { releaseAtMs, wishedAtMs: wishedAtMs ?? nowMs },
  };
}

/** The body of the message of a command. */
export function commandBody(idempotencyKey: string, { correlationId, wish }: Asker): string {
  const { releaseAtMs = 0, wishedAtMs = 0 } = wish ?? {};
  return JSON.stringify({
    type: RELEASE_COMMAND_TYPE,
    idempotencyKey,
    correlationId,
    releaseAt: releaseAtMs === KEEP_MS ? null : new Date(releaseAtMs).toISOString(),
    wishedAt: new Date(wishedAtMs).toISOString(),
  });
}
