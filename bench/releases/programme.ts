import { createRandom } from '../../emulator/random.ts';
import { messageGroup } from '../../lib/contract/keys.ts';
import type { Lane } from '../../lib/contract/lanes.ts';
import type { Region } from '../../lib/contract/regions.ts';
import type { NewMessage } from '../simulation/fair-queue.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export const REGION: Region = 'eu-west-1';
export const EVENTS_A_DAY = 40;
const MOST_ROOMS = 30;
/** How long before its start a live event requests its rooms. */
const LEAD_MS = 30 * MINUTE_MS;
/** How many live events of a day end while the import creates rooms. */
const EVENTS_ENDING_IN_IMPORT = 8;

export const IMPORT = { atMs: 6 * HOUR_MS, wantedMs: 12 * HOUR_MS };

/** Room requests that are sent together. */
export interface Sending {
  atMs: number;
  lane: Lane;
  messages: NewMessage[];
}

/** A room request as its message. @param releaseAtMs undefined: the request states no release */
export function requestOf(key: string, region: Region, tenant: string, releaseAtMs?: number): NewMessage {
  const releaseAt = releaseAtMs === undefined ? {} : { releaseAt: new Date(releaseAtMs).toISOString() };
  const body = JSON.stringify({ idempotencyKey: key, room: { name: key }, region, tenant, ...releaseAt });
  return { id: key, region, group: messageGroup({ tenant, region }), body };
}

export interface DayOptions {
  day: number;
  startMs: number;
  importRooms: number;
  /** Whether the requests state when to release the rooms. */
  releases: boolean;
}

/** The messages that are sent on one day of the season: the requests of 40 live events, and one import. */
export function sendingsOf({ day, startMs, importRooms, releases }: DayOptions): Sending[] {
  const random = createRandom(1_000 + day);
  const dayMs = startMs + day * DAY_MS;
  const importAtMs = dayMs + IMPORT.atMs;
  const request = (key: string, tenant: string, releaseAtMs: number) =>
    requestOf(key, REGION, tenant, releases ? releaseAtMs : undefined);
  const events = Array.from({ length: EVENTS_A_DAY }, (_, index): Sending => {
    const lengthMs = (1 + random() * 4) * HOUR_MS;
    const rooms = 1 + Math.floor(random() * MOST_ROOMS);
    const anyEndMs = dayMs + random() * DAY_MS + LEAD_MS + lengthMs;
    const endInImportMs = importAtMs + random() * 5 * MINUTE_MS;
    const endMs = index < EVENTS_ENDING_IN_IMPORT ? endInImportMs : anyEndMs;
    const messages = Array.from({ length: rooms }, (_, room) =>
      request(`event-${day}-${index}-${room}`, 'live', Math.round(endMs)),
    );
    return { atMs: endMs - lengthMs - LEAD_MS, lane: 'interactive', messages };
  });
  const rows = Array.from({ length: importRooms }, (_, row) =>
    request(`import-${day}-${row}`, 'importer', importAtMs + IMPORT.wantedMs),
  );
  return [...events, { atMs: importAtMs, lane: 'bulk', messages: rows }];
}
