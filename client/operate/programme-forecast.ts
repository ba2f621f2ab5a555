/** Those properties of an event that the forecast needs. Times are epoch milliseconds. */
export interface ProgrammeEvent {
  name: string;
  startsAtMs: number;
  opensAtMs: number;
  checkAtMs: number;
  /** How many of its rooms are still to be created, by region. */
  roomsByRegion: Readonly<Record<string, number>>;
}

export interface ForecastSettings {
  nowMs: number;
  /** IVS Chat's quota per region. */
  callsPerSecond: number;
}

export interface Forecast {
  /** The events in the order of their starts. `readyAtMs`: when the last room of the event is expected to exist. */
  events: (ProgrammeEvent & { readyAtMs: number })[];
  /** With this lead time for all events, all rooms exist when their events start. */
  neededLeadMs: number;
  /** The region that determines this lead time. */
  slowestRegion: string;
}

/** The pace stays slightly below the quota. */
const SHARE_OF_QUOTA = 0.995;
/** Allows for the seconds that a request takes, and for a reminder that arrives up to a minute late. */
const SLACK_MS = 65_000;

/**
 * Predicts when the rooms of a programme will exist if nothing else uses the quota. In each region, one room is created at a time. Among the open
 * events, the one with the earliest start comes first. The busiest period in a region determines the needed lead time: the time that the
 * rooms of all events in the period take, minus the time between the first and the last start in the period.
 * @param programme at least one event
 */
export function forecastProgramme(programme: readonly ProgrammeEvent[], settings: ForecastSettings): Forecast {
  const msPerRoom = 1000 / (settings.callsPerSecond * SHARE_OF_QUOTA);
  const byStart = programme.toSorted((a, b) => a.startsAtMs - b.startsAtMs);
  const regions = [...new Set(byStart.flatMap(({ roomsByRegion }) => Object.keys(roomsByRegion)))];
  const readyAtMs = new Map<ProgrammeEvent, number>();
  const leads: { region: string; leadMs: number }[] = [];
  for (const region of regions) {
    const withRooms = byStart.filter(({ roomsByRegion }) => (roomsByRegion[region] ?? 0) > 0);
    const takesMs = ({ roomsByRegion }: ProgrammeEvent) => (roomsByRegion[region] ?? 0) * msPerRoom;
    leads.push({ region, leadMs: longestBacklogMs(withRooms, takesMs) });
    for (const [event, atMs] of readyTimes(withRooms, takesMs, settings.nowMs))
      readyAtMs.set(event, Math.max(atMs, readyAtMs.get(event) ?? 0));
  }
  const { region: slowestRegion, leadMs } = leads.reduce((a, b) => (b.leadMs > a.leadMs ? b : a));
  return {
    events: byStart.map((event) => ({ ...event, readyAtMs: readyAtMs.get(event) ?? 0 })),
    neededLeadMs: leadMs + SLACK_MS,
    slowestRegion,
  };
}

/** Lindley's recursion: an event's backlog is the time that its own rooms take, plus the rest of the backlog of the events before it. */
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

/** When the rooms of each event will exist. Among the open events, the one that starts first comes first. */
function readyTimes(
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
