import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '../../../lib/platform/clock.ts';
import { writeMembers } from '../../../lib/rosters/roster-members.ts';
import { createRoster, readRoster, sealRoster } from '../../../lib/rosters/roster-states.ts';
import { createBench, START_MS } from '../../support/memory-bench.ts';
import { must } from '../../support/must.ts';
import { openRosters, type Rosters } from '../../support/rosters.ts';

const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' } };
const LEASE_MS = 90_000;

let stack: Rosters;
beforeAll(async () => {
  stack = await openRosters();
});
afterAll(() => stack.close());

/** Begins a live event with a single member, `key`. */
async function openRoster(): Promise<string> {
  const id = `event-${randomUUID()}`;
  const liveEvent = { liveEventId: 'final', revision: 1, startsAt: '2026-12-18T14:00:00Z' };
  await createRoster(stack.table, { id, kind: 'live-event', liveEvent }, Date.now());
  const members = [{ idempotencyKey: REQUEST.idempotencyKey, region: 'eu-west-1' }];
  const waiting = { clock: systemClock, random: Math.random, signal: new AbortController().signal };
  await writeMembers(stack.table, id, members, Date.now(), waiting);
  await sealRoster(stack.table, id, { revision: 1 });
  return id;
}

test.each([
  ['the same room', REQUEST.room],
  ['another room', { name: 'studio' }],
])(
  'a roster counts its room as created although its message first finished the failure of another request for %s',
  async (_which, room) => {
    const id = await openRoster();
    const bench = createBench();
    // A request of another sender expires, and its worker crashes after the failure is decided and before it is published.
    await bench.crash(bench.record({ ...REQUEST, room, neededBy: new Date(START_MS - 1).toISOString() }), 'Publish');
    bench.pass(LEASE_MS + 1);
    await bench.handle(bench.memberRecord({ ...REQUEST, roster: id, correlationId: 'mine' }));

    expect(bench.completions().map(({ data }) => data.outcome)).toEqual(['failed', 'created']);
    const [finished, own] = bench.messaging.published.map(({ attributes }) => attributes);
    expect(finished).not.toHaveProperty('roster');
    expect(finished).not.toHaveProperty('correlationId');
    expect(own).toMatchObject({ roster: id, correlationId: 'mine' });

    await stack.relay(bench.messaging.published);
    await stack.deliverAll('rosters');
    expect(must(await readRoster(stack.table, id))).toMatchObject({ state: 'announced', provisioned: 1, failed: 0 });
  },
);
