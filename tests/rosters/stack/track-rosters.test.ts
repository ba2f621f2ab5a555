import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../lib/platform/clock.ts';
import { writeMembers } from '../../../lib/rosters/roster-members.ts';
import { createRoster, readRoster, sealRoster } from '../../../lib/rosters/roster-states.ts';
import { madeRoom, noRoom } from '../../support/completions.ts';
import { sendAll } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import { openRosters, type Rosters } from '../../support/rosters.ts';

let stack: Rosters;
let id: string;

beforeAll(async () => {
  stack = await openRosters();
});
afterAll(() => stack.close());
beforeEach(async () => {
  id = `event-${randomUUID()}`;
  await stack.purge();
});

const waiting = { clock: systemClock, random: Math.random, signal: new AbortController().signal };
const STARTS_AT = '2026-12-18T14:00:00Z';
const keys = (count: number) => Array.from({ length: count }, (_, index) => `key-${index}`);

/** Begins a live event with a number of rooms that have no outcomes yet. */
async function begin(count: number, { sealed = true } = {}): Promise<string[]> {
  const liveEvent = { liveEventId: 'final', revision: 1, startsAt: STARTS_AT };
  await createRoster(stack.table, { id, kind: 'live-event', liveEvent }, Date.now());
  const members = keys(count).map((idempotencyKey) => ({ idempotencyKey, region: 'eu-west-1' }));
  await writeMembers(stack.table, id, members, Date.now(), waiting);
  if (sealed) await sealRoster(stack.table, id, { revision: 1 });
  return keys(count);
}

async function counters() {
  const { state, members, provisioned, existing, failed } = must(await readRoster(stack.table, id));
  return { state, members, provisioned, existing, failed };
}

describe('a member is counted once', () => {
  test('however often, in whatever order and with whatever delay its completions arrive', async () => {
    const [first = '', second = '', third = ''] = await begin(3);
    await stack.publish(id, [noRoom(third), madeRoom(first), madeRoom(first)]);
    const delivered = await stack.receive('rosters', 10);
    await stack.handle('rosters', delivered);
    expect(await counters()).toMatchObject({ state: 'sealed', provisioned: 1, failed: 1 });
    // The messages were not deleted, so they are delivered again: one at a time, in reverse order, and with copies in one batch.
    for (const message of delivered.toReversed()) await stack.handle('rosters', [message]);
    await stack.publish(id, [madeRoom(first), madeRoom(first, { generation: 3 }), madeRoom(third)]);
    await stack.deliverAll('rosters');
    expect(await counters()).toMatchObject({ state: 'sealed', provisioned: 1, failed: 1 });
    await stack.publish(id, [madeRoom(second), madeRoom(second)]);
    await stack.deliverAll('rosters');
    expect(await counters()).toEqual({ state: 'announced', members: 3, provisioned: 2, existing: 0, failed: 1 });
  });

  test('by its key and not by the id of its completion, so rooms that existed before complete a roster', async () => {
    const members = await begin(2);
    await stack.publish(
      id,
      members.map((key) => madeRoom(key, { decidedAtMs: Date.now() - 86_400_000 })),
    );
    await stack.deliverAll('rosters');
    expect(await counters()).toEqual({ state: 'announced', members: 2, provisioned: 2, existing: 2, failed: 0 });
  });

  test('and completions of other keys and of unknown rosters are not counted', async () => {
    await begin(1);
    await stack.publish(id, [madeRoom('a stranger')]);
    await stack.publish('begun-by-nobody', [madeRoom('key-0')]);
    expect(await stack.deliver('rosters')).toBe(2);
    expect(await stack.receive('rosters', 10)).toEqual([]);
    expect(await counters()).toMatchObject({ state: 'sealed', provisioned: 0, failed: 0 });
  });

  test('even if a batch needs more than one transaction', async () => {
    const members = await begin(250);
    await stack.publish(id, [...members.map((key) => madeRoom(key)), ...members.map((key) => noRoom(key))]);
    while ((await stack.deliver('rosters', 130)) > 0);
    const { provisioned, failed, state } = await counters();
    expect([provisioned + failed, state]).toEqual([250, 'announced']);
    expect(await stack.events()).toHaveLength(1);
  }, 60_000);

  test('control: a write without its condition counts a member twice', async () => {
    await begin(2);
    const { countOutcomes } = await import('../../../lib/rosters/count-outcomes.ts');
    const careless = {
      ...stack.dynamoDb,
      send: (command: { input: { TransactItems: { Update: { ConditionExpression?: string } }[] } }) => {
        for (const { Update } of command.input.TransactItems) delete Update.ConditionExpression;
        return stack.dynamoDb.send(command as never);
      },
    };
    const clients = { dynamodb: careless };
    const services = { config: { rosterTable: 'rosters' }, clients, rosters: stack.table, ...waiting } as never;
    const roster = must(await readRoster(stack.table, id));
    for (const _ of [1, 2]) await countOutcomes(roster, [madeRoom('key-0')], services, waiting.signal);
    expect(await counters()).toMatchObject({ provisioned: 2 });
  });
});

describe('a roster completes', () => {
  test('with an event that has the counts and its own id, and no attribute that would send it to the tracker', async () => {
    const [first = '', second = ''] = await begin(2);
    await stack.publish(id, [madeRoom(first), noRoom(second)]);
    await stack.deliverAll('rosters');
    const [event, ...others] = await stack.events();
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      type: 'greenroom.roster.completed.v1',
      source: '/greenroom/test',
      subject: id,
      data: {
        kind: 'live-event',
        roster: id,
        members: { total: 2, provisioned: 1, existing: 0, failed: 1 },
        liveEvent: { liveEventId: 'final', revision: 1, startsAt: STARTS_AT },
      },
    });
    expect(await stack.receive('rosters', 10)).toEqual([]);
    expect(must(await readRoster(stack.table, id)).announced_at).toBeGreaterThan(Date.now() - 60_000);
  });

  test('at a check by the tracker if it is sealed after its last outcome was counted', async () => {
    const members = await begin(2, { sealed: false });
    await stack.publish(
      id,
      members.map((key) => madeRoom(key)),
    );
    await stack.deliverAll('rosters');
    expect(await counters()).toMatchObject({ state: 'open', provisioned: 2 });
    await sealRoster(stack.table, id, { revision: 1 });
    await sendAll(stack.sqs, stack.urlOf('rosters'), [{ body: JSON.stringify({ checkRoster: id }) }]);
    await stack.deliverAll('rosters');
    expect(await counters()).toMatchObject({ state: 'announced', members: 2 });
    expect(await stack.events()).toHaveLength(1);
  });

  test('again, with another event id, after a revision has added members', async () => {
    await stack.publish(
      id,
      (await begin(1)).map((key) => madeRoom(key)),
    );
    await stack.deliverAll('rosters');
    await writeMembers(stack.table, id, [{ idempotencyKey: 'added', region: 'eu-west-1' }], Date.now(), waiting);
    const liveEvent = { liveEventId: 'final', revision: 2, startsAt: STARTS_AT };
    await sealRoster(stack.table, id, { revision: 2, liveEvent });
    expect(await counters()).toMatchObject({ state: 'sealed', members: 2, provisioned: 1 });
    await stack.publish(id, [madeRoom('added')]);
    await stack.deliverAll('rosters');
    const events = await stack.events();
    expect(new Set(events.map((event) => event.id)).size).toBe(2);
    expect(events.map(({ data }) => data)).toContainEqual(expect.objectContaining({ liveEvent }));
  });

  test('once, even if it is sealed again with the same revision or an older one', async () => {
    await stack.publish(
      id,
      (await begin(1)).map((key) => madeRoom(key)),
    );
    await stack.deliverAll('rosters');
    for (const revision of [1, 0])
      expect(await sealRoster(stack.table, id, { revision })).toMatchObject({ state: 'announced' });
    await sendAll(stack.sqs, stack.urlOf('rosters'), [{ body: JSON.stringify({ checkRoster: id }) }]);
    await stack.deliverAll('rosters');
    expect(await stack.events()).toHaveLength(1);
  });
});

describe('a tracker that crashes', () => {
  test('at any of its calls, before or after the call takes effect, loses nothing and counts and announces nothing twice', async () => {
    const beginAndPublish = async () => {
      const [first = '', second = '', third = ''] = await begin(3);
      await stack.publish(id, [madeRoom(first), noRoom(second), madeRoom(third)]);
    };
    await beginAndPublish();
    stack.proxy.crashAt();
    await stack.deliverAll('rosters');
    const untouched = [...stack.proxy.calls];
    expect(untouched).toEqual(['GetItem', 'TransactWriteItems', 'GetItem', 'Publish', 'UpdateItem']);
    const expected = { ...(await counters()), events: 1 };
    for (const [call] of untouched.entries()) {
      for (const mode of ['before', 'after'] as const) {
        id = `event-${randomUUID()}`;
        await stack.purge();
        await beginAndPublish();
        const messages = await stack.receive('rosters', 10);
        stack.proxy.crashAt(call + 1, mode);
        const done = await stack.handle('rosters', messages);
        expect([stack.proxy.crashed, done]).toEqual([true, []]);
        stack.proxy.crashAt();
        expect(await stack.handle('rosters', messages)).toHaveLength(3);
        const events = new Set((await stack.events()).map((event) => event.id)).size;
        expect({ ...(await counters()), events }).toEqual(expected);
      }
    }
  }, 60_000);
});

test('an unreadable message is parked immediately instead of being tried for days', async () => {
  const bodies = ['what?', '{}'];
  await sendAll(
    stack.sqs,
    stack.urlOf('rosters'),
    bodies.map((body) => ({ body })),
  );
  const messages = await stack.receive('rosters', 10);
  expect(await stack.handle('rosters', messages)).toHaveLength(2);
  const parked = await stack.receive('parked', 10);
  expect(parked.map(({ Body }) => Body).sort()).toEqual([...bodies].sort());
});
