import { type Draw, drawTime } from './draw.ts';
import type { ScenarioCommand } from './release-plan.ts';
import type { ScenarioRequest } from './scenario.ts';

/** What a live event sends for one of its rooms. */
export interface EventWishes {
  /** A request with the wish of its revision; undefined if it does not belong to the event. */
  wish(request: ScenarioRequest): ScenarioRequest | undefined;
  commands: Omit<ScenarioCommand, 'number'>[];
}

/** One revision of the event: when it was accepted, and its release time, if it has one. */
interface Revision {
  number: number;
  wishedAtMs: number;
  releaseAtMs: number | undefined;
}

/**
 * Draws a live event whose room is one of the keys. The event moves up to three times, and may be cancelled. Its newest revision sends commands
 * for rooms that earlier revisions have requested, also a second time after a crash. A worker of an earlier revision may still send requests.
 */
export function drawEvent(requests: ScenarioRequest[], draw: Draw): EventWishes | undefined {
  const { chance, pick, random, after } = draw;
  if (!chance(0.4)) return undefined;
  const { idempotencyKey } = pick(requests);
  const ofKey = requests.filter((each) => each.idempotencyKey === idempotencyKey);
  const firstMs = Math.min(...ofKey.map(({ sentAtMs }) => sentAtMs)) - after(0, 10);
  // If a revision is requested before its release time, its room is made.
  const lastRequestMs = Math.max(...ofKey.map(({ sentAtMs }) => sentAtMs));
  const timeOf = (wishedAtMs: number) => drawTime(chance(0.6) ? Math.max(wishedAtMs, lastRequestMs) : wishedAtMs, draw);
  const revisions: Revision[] = [{ number: 1, wishedAtMs: firstMs, releaseAtMs: timeOf(firstMs) }];
  for (let number = 2; number < 2 + Math.floor(random() * 4); number++) {
    const wishedAtMs = after((revisions.at(-1)?.wishedAtMs ?? firstMs) + 1, 30);
    revisions.push({ number, wishedAtMs, releaseAtMs: chance(0.2) ? undefined : timeOf(wishedAtMs) });
  }
  const moved = revisions.slice(1).map((each) => commandOf(each, idempotencyKey, draw));
  const lastMs = revisions.at(-1)?.wishedAtMs ?? firstMs;
  const cancelled = chance(0.55) ? [cancellation(idempotencyKey, after(lastMs + 1, 30), draw)] : [];
  const commands = [...moved, ...cancelled];
  const repeated = commands.filter(() => chance(0.2)).map((each) => ({ ...each, sentAtMs: after(each.sentAtMs, 10) }));
  return {
    commands: [...commands, ...repeated],
    wish(request) {
      if (request.idempotencyKey !== idempotencyKey) return undefined;
      const { number, wishedAtMs, releaseAtMs } = pick(revisions.filter((each) => each.wishedAtMs <= request.sentAtMs));
      return { ...request, revision: number, ...(releaseAtMs !== undefined && { releaseAtMs, wishedAtMs }) };
    },
  };
}

function commandOf({ wishedAtMs, releaseAtMs }: Revision, idempotencyKey: string, { after }: Draw) {
  const releaseAt = releaseAtMs ?? ('keep' as const);
  return { idempotencyKey, sentAtMs: after(wishedAtMs, 2), releaseAt, wishedAtMs, kind: 'event moved' as const };
}

function cancellation(idempotencyKey: string, wishedAtMs: number, { after }: Draw) {
  const now = { releaseAt: 'now' as const, wishedAtMs, kind: 'event cancelled' as const };
  return { idempotencyKey, sentAtMs: after(wishedAtMs, 2), ...now };
}
