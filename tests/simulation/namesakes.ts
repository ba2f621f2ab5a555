import type { ServiceRequest, ServiceResponse } from '../../emulator/service.ts';
import type { Random } from '../../lib/platform/backoff.ts';

/** Many other rooms with the same name as a room of the scenario. Other programs create and update them. */
export interface Namesakes {
  name: string;
  count: number;
  /** The share of these rooms that is updated once, evenly distributed over `updatedWithinMs` from the beginning on. */
  updatedShare: number;
  updatedWithinMs: number;
  /** The token of a page is refused if it is older than this. */
  tokenLifetimeMs: number;
  /** When another program updates greenroom's rooms with that name. */
  ownUpdatesAtMs: number[];
}

const SHARE_OF_SEEDS = 0.15;
const COUNT = 20_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const PAGE_SIZE = 50;
const ARN = 'arn:aws:ivschat:eu-west-1:210987654321:room/';

/** Most runs have no namesakes. */
export function drawNamesakes(random: Random, startMs: number, name: string): Namesakes | undefined {
  if (random() >= SHARE_OF_SEEDS) return undefined;
  const pick = (values: number[]) => values[Math.floor(random() * values.length)] ?? 0;
  return {
    name,
    count: COUNT,
    updatedShare: pick([0.01, 0.02, 0.05, 0.1, 0.2, 1]),
    updatedWithinMs: pick([10, 60, 360]) * MINUTE_MS,
    tokenLifetimeMs: pick([5 * MINUTE_MS, DAY_MS, 365 * DAY_MS]),
    ownUpdatesAtMs: Array.from({ length: pick([0, 1, 3]) }, () => startMs + random() * 120 * MINUTE_MS),
  };
}

interface Place {
  atMs: number;
  id: string;
}

/** A position of a room in the list, from the time it appears there until an update moves the room to another position. */
interface Entry extends Place {
  visibleMs: number;
  goneMs: number;
}

interface RealRoom extends Place {
  text: string;
}

/** Returns pages of a list of rooms that are not stored in IVS Chat, so that only the rooms of the page take time. */
export interface NamesakeList {
  /** Whether any page was requested. */
  wasRequested: boolean;
  /** Answers a ListRooms for the name. `own`: the response of the emulated IVS Chat to the same call without a token. */
  answer(request: ServiceRequest, own: ServiceResponse, nowMs: number): ServiceResponse;
}

export function createNamesakeList(namesakes: Namesakes, random: Random, startMs: number, lagMs: number): NamesakeList {
  const entries: Entry[] = [];
  const updatedCount = namesakes.count * namesakes.updatedShare;
  for (let number = 0; number < namesakes.count; number++) {
    const id = `N${String(number).padStart(11, '0')}`;
    const createdMs = Math.floor(startMs - random() * 30 * DAY_MS);
    const updatedMs =
      number < updatedCount ? Math.floor(startMs + random() * namesakes.updatedWithinMs) : Number.POSITIVE_INFINITY;
    const shownMs = updatedMs + random() * lagMs;
    entries.push({ id, atMs: createdMs, visibleMs: createdMs, goneMs: shownMs });
    if (Number.isFinite(updatedMs))
      entries.push({ id, atMs: updatedMs, visibleMs: shownMs, goneMs: Number.POSITIVE_INFINITY });
  }
  entries.sort(newestFirst);

  return {
    wasRequested: false,
    answer(request, own, nowMs) {
      if ('lost' in own || own.status !== 200) return own;
      const { nextToken, maxResults = PAGE_SIZE } = JSON.parse(request.body.toString('utf8'));
      const after = nextToken === undefined ? undefined : readToken(nextToken);
      if (after && nowMs - after.issuedMs > namesakes.tokenLifetimeMs) return refusedToken();
      const listed = merged(entries, realRooms(own.body), after, nowMs);
      const page = Array.from(take(listed, maxResults));
      const [last, isFull] = [page.at(-1), page.length === maxResults];
      const token = last && isFull ? `,"nextToken":"${tokenOf(last, after?.issuedMs ?? nowMs)}"` : '';
      return { ...own, body: `{"rooms":[${page.map(textOf).join(',')}]${token}}` };
    },
  };
}

/** The rooms of the list after a position: the namesakes, and the real rooms between them. */
function* merged(
  entries: readonly Entry[],
  real: RealRoom[],
  after: Place | undefined,
  nowMs: number,
): Generator<Entry | RealRoom> {
  const waiting = real.filter((room) => !after || newestFirst(after, room) < 0);
  for (let index = after ? firstAfter(entries, after) : 0; index < entries.length; index++) {
    const entry = entries[index];
    if (!entry || entry.visibleMs > nowMs || nowMs >= entry.goneMs) continue;
    while (waiting[0] && newestFirst(waiting[0], entry) < 0) yield* waiting.splice(0, 1);
    yield entry;
  }
  yield* waiting;
}

function* take<Item>(items: Generator<Item>, count: number): Generator<Item> {
  let left = count;
  for (const item of items) {
    yield item;
    left -= 1;
    if (left === 0) return;
  }
}

function realRooms(body: string | Uint8Array): RealRoom[] {
  const { rooms } = JSON.parse(String(body));
  return rooms.map((room: { id: string; updateTime: string }) => ({
    atMs: Date.parse(room.updateTime),
    id: room.id,
    text: JSON.stringify(room),
  }));
}

/** A namesake has only the fields that greenroom reads, because the SDK would spend half of a run on parsing the others. */
function textOf(room: Entry | RealRoom): string {
  if ('text' in room) return room.text;
  const { id, atMs } = room;
  return `{"arn":"${ARN}${id}","id":"${id}","updateTime":"${new Date(atMs).toISOString()}"}`;
}

/** The index of the first entry after a position of the list. */
function firstAfter(entries: readonly Entry[], place: Place): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = entries[middle];
    if (entry && newestFirst(place, entry) < 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

function newestFirst(a: Place, b: Place): number {
  if (a.atMs !== b.atMs) return b.atMs - a.atMs;
  if (a.id === b.id) return 0;
  return a.id < b.id ? 1 : -1;
}

/** The room after which the next page begins, and the time at which the first page was requested. */
function tokenOf({ atMs, id }: Place, issuedMs: number): string {
  return Buffer.from(`${issuedMs} ${atMs} ${id}`).toString('base64url');
}

function readToken(token: string): Place & { issuedMs: number } {
  const [issuedMs, atMs, id = ''] = Buffer.from(token, 'base64url').toString().split(' ');
  return { issuedMs: Number(issuedMs), atMs: Number(atMs), id };
}

function refusedToken(): ServiceResponse {
  return {
    status: 400,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'ValidationException' },
    body: JSON.stringify({
      message: 'Input failed validation',
      reason: 'FIELD_VALIDATION_FAILED',
      fieldList: [{ name: 'nextToken', message: 'The token has expired' }],
    }),
  };
}
