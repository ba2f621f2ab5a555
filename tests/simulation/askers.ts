import { RELEASE_COMMAND_TYPE } from '../../lib/contract/release-command.ts';
import { KEEP_MS, type Wish } from '../../lib/contract/release-wish.ts';
import { requestAsker as askerAt } from '../protocol/askers.ts';
import type { Asker } from '../protocol/release-promises.ts';
import type { ScenarioCommand } from './release-plan.ts';
import type { ScenarioRequest } from './scenario.ts';

const MAX_AHEAD_MS = 5 * 60_000;
const MAX_AGE_MS = 28 * 24 * 3_600_000;

/** The sender of a request, with the wish that counts. */
export function requestAsker(request: ScenarioRequest): Asker {
  const { releaseAtMs, sentAtMs, wishedAtMs = sentAtMs } = request;
  const askedAtMs = Math.min(
    sentAtMs,
    request.askedAtMs ?? sentAtMs,
    releaseAtMs === undefined ? sentAtMs : wishedAtMs,
  );
  return askerAt(request, askedAtMs);
}

/** The sender of a command. A command that must be refused has no wish. */
export function commandAsker(command: ScenarioCommand): Asker {
  const { number, sentAtMs, askedAtMs = sentAtMs } = command;
  return { kind: 'command', correlationId: `command ${number}`, sentAtMs, askedAtMs, wish: wishOf(command) };
}

/** The wish of a command; undefined if the command is invalid or too old. A release time that has passed means "now". */
export function wishOf(command: ScenarioCommand): Wish | undefined {
  const { releaseAt, sentAtMs, askedAtMs = sentAtMs, wishedAtMs = askedAtMs } = command;
  const isRefused = wishedAtMs > askedAtMs + MAX_AHEAD_MS || wishedAtMs < sentAtMs - MAX_AGE_MS;
  if (releaseAt === 'invalid' || isRefused) return undefined;
  if (releaseAt === 'keep') return { releaseAtMs: KEEP_MS, wishedAtMs };
  return { releaseAtMs: Math.max(wishedAtMs, releaseAt === 'now' ? wishedAtMs : releaseAt), wishedAtMs };
}

/** The body of the message of a command. */
export function commandBody({ number, idempotencyKey, releaseAt, wishedAtMs, tenant }: ScenarioCommand): string {
  return JSON.stringify({
    type: RELEASE_COMMAND_TYPE,
    idempotencyKey,
    correlationId: `command ${number}`,
    ...(releaseAt !== 'now' && { releaseAt: releaseAtIn(releaseAt) }),
    ...(wishedAtMs !== undefined && { wishedAt: isoTime(wishedAtMs) }),
    ...(tenant !== undefined && { tenant }),
  });
}

function releaseAtIn(releaseAt: number | 'keep' | 'invalid'): string | null {
  if (releaseAt === 'keep') return null;
  return typeof releaseAt === 'number' ? isoTime(releaseAt) : 'tomorrow';
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
