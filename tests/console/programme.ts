import type { LiveEventInput } from '../../client/api/live-event-result.ts';
import { greenroomOn } from '../../client/greenroom.ts';
import { programStage } from '../../console/server/program-stage.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import type { ConsoleStack } from './console-stack.ts';

export const MINUTE_MS = 60_000;

/** A live event that starts the given number of minutes after a time, with rooms `a`, `b` and so on. */
export function eventAt(
  liveEventId: string,
  startsAtMs: number,
  changes: Partial<LiveEventInput> = {},
): LiveEventInput {
  const rooms = ['a', 'b'].map((key) => ({ key, room: {} }));
  return { liveEventId, revision: 1, startsAt: new Date(startsAtMs).toISOString(), rooms, ...changes };
}

/** The client library, on the stack of a console. */
export function clientOf({ deployment }: Pick<ConsoleStack, 'deployment'>) {
  const stage = programStage(deployment, systemClock);
  return greenroomOn({ open: async () => stage, close: async () => undefined });
}
