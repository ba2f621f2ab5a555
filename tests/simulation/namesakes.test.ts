import { describe, expect, test } from '@jest/globals';
import { createRandom } from '../../emulator/random.ts';
import type { ServiceResponse } from '../../emulator/service.ts';
import { createNamesakeList, type Namesakes } from './namesakes.ts';

const START_MS = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
const OURS = { arn: 'ours', id: 'OURS', name: 'hall', updateTime: '2026-01-01T00:05:00.000Z' };

const SHARED: Namesakes = {
  name: 'hall',
  count: 20_000,
  updatedShare: 0.1,
  updatedWithinMs: 10 * MINUTE_MS,
  tokenLifetimeMs: 60 * MINUTE_MS,
  ownUpdatesAtMs: [],
};

interface Page {
  rooms: { id: string; updateTime: string }[];
  nextToken?: string;
}

function openList() {
  const list = createNamesakeList(SHARED, createRandom(1), START_MS, MINUTE_MS);
  const own: ServiceResponse = { status: 200, headers: {}, body: JSON.stringify({ rooms: [OURS] }) };
  return (nowMs: number, nextToken?: string): ServiceResponse => {
    const body = Buffer.from(JSON.stringify({ name: 'hall', maxResults: 50, nextToken }));
    const request = { method: 'POST', path: '/ListRooms', query: new URLSearchParams(), headers: {}, body, region: '' };
    return list.answer(request, own, nowMs);
  };
}

function pageOf(answer: ServiceResponse): Page {
  if ('lost' in answer) throw new Error('Nothing is lost here');
  return JSON.parse(String(answer.body));
}

/** Lists all pages from a given time on, one page every `stepMs`. */
function listAll(fromMs: number, stepMs: number): Page['rooms'][] {
  const ask = openList();
  const pages = [pageOf(ask(fromMs))];
  for (let page = pages[0]; page?.nextToken !== undefined; pages.push(page))
    page = pageOf(ask(fromMs + pages.length * stepMs, page.nextToken));
  return pages.map(({ rooms }) => rooms);
}

describe('the list of rooms with a name that 20,000 rooms share', () => {
  test('has 401 pages, contains greenroom’s room, and begins with the room that was updated last', () => {
    const pages = listAll(START_MS + 60 * MINUTE_MS, 0);
    const rooms = pages.flat();
    expect([pages.length, rooms.length]).toEqual([401, 20_001]);
    expect(new Set(rooms.map(({ id }) => id)).size).toBe(20_001);
    const times = rooms.map(({ updateTime }) => updateTime);
    expect(times).toEqual(times.toSorted().toReversed());
    expect(rooms.findIndex(({ id }) => id === 'OURS')).toBeGreaterThan(500);
  });

  test('is not a snapshot, because a room that is updated while the list is read moves to the top and is missed', () => {
    const rooms = listAll(START_MS, 200).flat();
    const missed = 20_001 - new Set(rooms.map(({ id }) => id)).size;
    expect(missed).toBeGreaterThan(50);
    expect(missed).toBeLessThan(400);
  });

  test('has tokens that are refused an hour after the first page', () => {
    const ask = openList();
    const { nextToken } = pageOf(ask(START_MS));
    const next = pageOf(ask(START_MS + 59 * MINUTE_MS, nextToken)).nextToken;
    expect(next).toBeDefined();
    expect(ask(START_MS + 61 * MINUTE_MS, next)).toMatchObject({ status: 400 });
  });
});
