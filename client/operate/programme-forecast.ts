/** An event of a programme, as far as its rooms' pace goes. Times are epoch milliseconds. */
export interface ProgrammeEvent {
  name: string;
  startsAtMs: number;
  opensAtMs: number;
  checkAtMs: number;
  /** How many rooms are still to make for it in which region. */
  roomsByRegion: Readonly<Record<string, number>>;
}

export interface ForecastSettings {
  nowMs: number;
  /** IVS Chat's quota per region. */
  callsPerSecond: number;
}

export interface Forecast {
  /** In order of their starts: when the last room of each is expected to stand. */
  events: (ProgrammeEvent & { readyAtMs: number })[];
  /** With this lead time for all of them, all rooms stand when their events start. */
  neededLeadMs: number;
  /** The region that decides it. */
  slowestRegion: string;
}

/** The pace keeps a hair below the quota. */
const SHARE_OF_QUOTA = 0.995;
/** A request is some seconds on its way; and a minute is kept for a message that is delivered late. */
const SLACK_MS = 65_000;

/**
 * When the rooms of a programme will stand, if nothing else uses the quota: region by region one room after the other, those of the
 * earliest start first among the events that are open. And the lead time that it needs: the longest busy time of a region's
 * quota that ends with a start, less the time between the first start and the last one of it.
 * @param programme at least one event
 */
export function forecastProgramme(programme: readonly ProgrammeEvent[], settings: ForecastSettings): Forecast {
  const msPerRoom = 1000 / (settings.callsPerSecond * SHARE_OF_QUOTA);
  const byStart = programme.toSorted((a, b) => a.startsAtMs - b.startsAtMs);
  const regions = [...new Set(byStart.flatMap(({ roomsByRegion }) => Object.keys(roomsByRegion)))];
  const readyAtMs = new Map<ProgrammeEvent, number>();
  const leads: { region: string; leadMs: number }[] = [];
  for (const region of regions) {
    const wanting = byStart.filter(({ roomsByRegion }) => (roomsByRegion[region] ?? 0) > 0);
    const takesMs = ({ roomsByRegion }: ProgrammeEvent) => (roomsByRegion[region] ?? 0) * msPerRoom;
    leads.push({ region, leadMs: longestBacklogMs(wanting, takesMs) });
    for (const [event, atMs] of inTurn(wanting, takesMs, settings.nowMs))
      readyAtMs.set(event, Math.max(atMs, readyAtMs.get(event) ?? 0));
  }
  const { region: slowestRegion, leadMs } = leads.reduce((a, b) => (b.leadMs > a.leadMs ? b : a));
  return {
    events: byStart.map((event) => ({ ...event, readyAtMs: readyAtMs.get(event) ?? 0 })),
    neededLeadMs: leadMs + SLACK_MS,
    slowestRegion,
  };
}

/** Lindley's recursion: what is left of the earlier events' time when the next one's would have to end. */
function longestBacklogMs(byStart: readonly ProgrammeEvent[], takesMs: (event: ProgrammeEvent) => number): number {
  let backlogMs = 0;
  let longestMs = 0;
  let lastStartMs = byStart[0]?.startsAtMs ?? 0;
  for (const event of byStart) {
    backlogMs = Math.max(0, backlogMs - (event.startsAtMs - lastStartMs)) + takesMs(event);
    longestMs = Math.max(longestMs, backlogMs);
    lastStartMs = event.startsAtMs;
  }
  return longestMs;
}

/** When each event's rooms stand, if of all that are open the one that starts first is served. */
function inTurn(
  byStart: readonly ProgrammeEvent[],
  takesMs: (event: ProgrammeEvent) => number,
  nowMs: number,
): Map<ProgrammeEvent, number> {
  const openFromMs = ({ opensAtMs }: ProgrammeEvent) => (opensAtMs > nowMs ? opensAtMs + SLACK_MS : nowMs);
  const waiting = [...byStart];
  const readyAtMs = new Map<ProgrammeEvent, number>();
  let timeMs = nowMs;
  while (waiting.length > 0) {
    const next = waiting.findIndex((event) => openFromMs(event) <= timeMs);
    const [event] = waiting.splice(Math.max(next, 0), next === -1 ? 0 : 1);
    if (event) {
      timeMs += takesMs(event);
      readyAtMs.set(event, timeMs);
    } else {
      timeMs = waiting.reduce((soonest, each) => Math.min(soonest, openFromMs(each)), Number.POSITIVE_INFINITY);
    }
  }
  return readyAtMs;
}
