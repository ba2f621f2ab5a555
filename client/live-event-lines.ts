import type { LiveEventRoom } from '../lib/contract/live-event.ts';
import { liveEventMeaning } from '../lib/contract/live-event-meaning.ts';
import { type LiveEventPlan, parseLiveEventMessage } from '../lib/contract/live-event-message.ts';
import type { Problem } from '../lib/contract/problems.ts';
import type { Region } from '../lib/contract/regions.ts';
import { RELEASES } from './assumed-settings.ts';
import type { ProgrammeEvent } from './operate/programme-forecast.ts';
import type { RequestLine } from './request-lines.ts';

/** The default parameters of a stage, which the check and the forecast assume. A stage may have others. */
const DEFAULTS = { leadMs: 30 * 60_000, atRiskMs: 10 * 60_000, ...RELEASES };

/** `meaning` is equal for all lines with the same revision and the same content. */
interface Named {
  tenant: string;
  liveEventId: string;
  revision: number;
  meaning: string;
}

/** A line of a programme: a message about a live event that can be sent, or its problems. */
export type ProgrammeLine =
  | (RequestLine &
      Named & { kind: 'scheduled'; event: ProgrammeEvent; rooms: readonly LiveEventRoom[]; plan: LiveEventPlan })
  | (RequestLine & Named & { kind: 'cancelled' })
  | (RequestLine & { kind: 'unusable'; liveEventId?: string; problems: Problem[] });

/** @param region the deployment's region, in which rooms without a region are created */
export function checkLiveEventLine(
  line: RequestLine,
  { region, nowMs }: { region: Region; nowMs: number },
): ProgrammeLine {
  const read = parseLiveEventMessage(line.body, { ...DEFAULTS, region, nowMs });
  switch (read.kind) {
    case 'scheduled': {
      const { plan, overdue } = read;
      const { liveEventId, revision, tenant, rooms } = plan.event;
      if (overdue.length > 0) return { ...line, kind: 'unusable', liveEventId, problems: overdue };
      const { startsAtMs, opensAtMs, checkAtMs } = plan;
      const counted = [...Map.groupBy(rooms, (room) => room.region ?? region)].map(([each, all]) => [each, all.length]);
      const event = { name: liveEventId, startsAtMs, opensAtMs, checkAtMs, roomsByRegion: Object.fromEntries(counted) };
      return {
        ...line,
        kind: 'scheduled',
        tenant,
        liveEventId,
        revision,
        meaning: liveEventMeaning(plan, region),
        event,
        rooms,
        plan,
      };
    }
    case 'cancelled': {
      const { liveEventId, revision, tenant } = read;
      return { ...line, kind: 'cancelled', tenant, liveEventId, revision, meaning: 'cancelled' };
    }
    case 'due': {
      const problems = [{ path: 'type', message: 'is reserved for the messages of schedules' }];
      return { ...line, kind: 'unusable', liveEventId: read.liveEventId, problems };
    }
    case 'invalid':
      return { ...line, kind: 'unusable', liveEventId: read.liveEventId, problems: read.problems };
    case 'unparseable':
      return { ...line, kind: 'unusable', problems: read.problems };
  }
}

/** Marks a line as unusable if it has the same event and revision as an earlier line, but different content. Returns all lines. */
export function refuseRepeated(lines: readonly ProgrammeLine[]): ProgrammeLine[] {
  const first = new Map<string, Exclude<ProgrammeLine, { kind: 'unusable' }>>();
  return lines.map((line) => {
    if (line.kind === 'unusable') return line;
    const { number, name, body, liveEventId, revision } = line;
    const known = first.get(`${liveEventId} ${revision}`);
    if (known === undefined) first.set(`${liveEventId} ${revision}`, line);
    if (known === undefined || known.meaning === line.meaning) return line;
    const problems = [{ path: 'revision', message: `is already used by ${known.name}: increase it` }];
    return { number, name, body, kind: 'unusable', liveEventId, problems };
  });
}

/**
 * Sorts messages into the order in which the service should handle them: cancellations first, then events by their starts. The service
 * handles messages approximately in the order in which they are sent.
 */
export function inSendingOrder<Line extends ProgrammeLine>(lines: readonly Line[]): Line[] {
  const startOf = (line: Line) => (line.kind === 'scheduled' ? line.event.startsAtMs : 0);
  return lines.toSorted((a, b) => startOf(a) - startOf(b));
}
