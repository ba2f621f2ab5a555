import { type IvschatClient, UpdateRoomCommand } from '@aws-sdk/client-ivschat';
import { beforeEach, expect, test } from '@jest/globals';
import { listNewRooms } from '../../client/operate/list-new-rooms.ts';
import { createLoneClock } from '../../simulation/lone-clock.ts';
import { createVirtualClock } from '../../simulation/virtual-clock.ts';
import { createMemoryServices, type OnCall, REGION } from '../support/memory-services.ts';
import { must } from '../support/must.ts';

const START_MS = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;

let time: ReturnType<typeof createVirtualClock>;
let services: ReturnType<typeof createMemoryServices>;
let client: IvschatClient;
let pages: number;
let onPage: (page: number) => Promise<void> | undefined;

beforeEach(() => {
  time = createVirtualClock(START_MS);
  pages = 0;
  onPage = () => undefined;
  const onCall: OnCall = ({ name }) => {
    if (name !== 'ListRooms') return undefined;
    pages += 1;
    return onPage(pages);
  };
  services = createMemoryServices(time.nowMs, onCall, {});
});

function seed(count: number, sinceMs: number, untilMs: number): void {
  services.ivsChat.admin.seedRooms({ region: REGION, name: 'hall', count, sinceMs, untilMs, lagMs: 0 });
}

function list(afterMs: number) {
  // This call sets the signing date of the client to the current time of the test.
  client = services.clients.ivsChat(REGION);
  const clock = createLoneClock(time, { longestMs: MINUTE_MS, movesTime: true });
  return listNewRooms(client, afterMs, { clock, signal: new AbortController().signal });
}
const arns = (rooms: { arn?: string | undefined }[]) => new Set(rooms.map(({ arn }) => arn));

test('lists the rooms back to the given moment, and no further', async () => {
  seed(500, START_MS, START_MS + MINUTE_MS);
  seed(120, START_MS + 60 * MINUTE_MS, START_MS + 61 * MINUTE_MS);
  time.pass(120 * MINUTE_MS);
  expect((await list(START_MS + 60 * MINUTE_MS)).length).toBeGreaterThanOrEqual(120);
  // Three pages, and the last look.
  expect(pages).toBe(4);
});

test('a room that is updated while the list is read moves to a page that was read before, and is listed nevertheless', async () => {
  seed(200, START_MS, START_MS + MINUTE_MS);
  time.pass(120 * MINUTE_MS);
  const oldest = must(services.ivsChat.admin.rooms().toSorted((a, b) => a.updateTime.localeCompare(b.updateTime))[0]);
  onPage = async (page) => {
    if (page === 3) await client.send(new UpdateRoomCommand({ identifier: oldest.arn, maximumMessageLength: 77 }));
  };
  expect(arns(await list(START_MS))).toEqual(arns(services.ivsChat.admin.rooms()));
  expect(pages).toBe(5);
});

test('if more rooms change repeatedly than fit on a page, the incomplete list is an error', async () => {
  seed(60, START_MS, START_MS + MINUTE_MS);
  time.pass(120 * MINUTE_MS);
  onPage = async () => {
    time.pass(6 * MINUTE_MS);
    seed(60, time.nowMs() - 2, time.nowMs() - 1);
    services.clients.ivsChat(REGION);
  };
  await expect(list(START_MS)).rejects.toThrow(`The rooms in ${REGION} change too fast to list them all`);
});

test('a region without rooms takes one call', async () => {
  expect([await list(START_MS), pages]).toEqual([[], 1]);
});
