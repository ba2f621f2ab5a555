import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ReadMessage, readMessage } from '../../../lib/contract/read-message.ts';
import { canBeSent, complaints, type Seen, type SentMessage } from '../../support/complaints.ts';
import { REGION } from '../../support/gateway-clients.ts';
import { HOSTILE_KINDS, hostileBodies } from '../../support/hostile-bodies.ts';
import { MAX_BODY_BYTES } from '../../support/hostile-sizes.ts';
import { openProvisioning, type Provisioning } from '../../support/provisioning.ts';

/** Another seed gives other bodies: `SEED=7 npm test -- bad-input`. */
const SEED = Number(process.env.SEED ?? 1);
const BATCH = 10;
/** The other messages are passed to the handler without a queue, which is faster. */
const THROUGH_SQS_COUNT = 500;
/** In processor time. The slowest messages take a third of a second. A message of a megabyte that costs quadratic time would take minutes. */
const MAX_READING_MS = 2_000;
const MAX_SHOWN = 20;
const LIMIT_MS = 400_000;

const bad = hostileBodies(SEED);
const sent = withGoodNeighbours();

let stack: Provisioning;
let seen: Seen;
beforeAll(async () => {
  stack = await openProvisioning({
    environment: { GREENROOM_CREATE_ROOM_TPS: '10000', GREENROOM_CALL_TIMEOUT_SECONDS: '5' },
    ivsChat: { quotas: { tps: { CreateRoom: 100_000 }, burst: 100_000 } },
  });
  const bodies = sent.map(({ body }) => body);
  const notDoneCount =
    (await deliver(bodies.slice(0, THROUGH_SQS_COUNT))) + (await handOver(bodies.slice(THROUGH_SQS_COUNT)));
  const published = await stack.completions();
  seen = {
    notDoneCount,
    roomKeys: stack.ivsChat.rooms().map(({ tags }) => tags['greenroom:key'] ?? ''),
    completions: published.map(({ completion }) => completion),
    texts: published.map(({ text }) => text),
    parked: (await stack.parked()).map(({ Body = '', MessageAttributes }) => ({
      body: Body,
      note: MessageAttributes?.['greenroom-parked']?.StringValue ?? '',
    })),
  };
}, LIMIT_MS);
afterAll(() => stack.close());

describe(`${sent.length} messages, nine of ten in each batch hostile (seed ${SEED})`, () => {
  test('each message gets its one answer, no bad one gets a room, and no good one is affected by the others', () => {
    expect(complaints(sent, seen).slice(0, MAX_SHOWN)).toEqual([]);
  });

  test('the messages include every kind, and SQS would accept each of them', () => {
    const counts = Map.groupBy(bad, ({ kind }) => kind);
    for (const [kind, { count }] of Object.entries(HOSTILE_KINDS))
      expect([kind, counts.get(kind)?.length]).toEqual([kind, count]);
    expect(sent.filter(({ body }) => !canBeSent(body, MAX_BODY_BYTES))).toEqual([]);
  });

  test('no bad message is read as a request, every readable key is read, and no message takes long', () => {
    for (const { kind, body, key } of bad) {
      const { read, tookMs } = timed(body);
      const expected = key === undefined ? { kind: 'unparseable' } : { kind: 'invalid', idempotencyKey: key };
      expect({ hostile: kind, body: body.slice(0, 1_000), read }).toMatchObject({ hostile: kind, read: expected });
      expect(tookMs).toBeLessThan(MAX_READING_MS);
    }
  });
});

describe('control: the check complains if', () => {
  const changeFirst = <T>(list: T[], matches: (each: T) => boolean, change: (each: T) => T[]): T[] => {
    const index = list.findIndex(matches);
    return list.flatMap((each, at) => (at === index ? change(each) : [each]));
  };
  const isFailed = ({ data }: Seen['completions'][number]) => data.outcome === 'failed';
  const isCreated = ({ data }: Seen['completions'][number]) => data.outcome === 'created';
  const withoutProblems = (each: Seen['completions'][number]) =>
    each.type === 'greenroom.room.failed.v1' ? [{ ...each, data: { ...each.data, problems: [] } }] : [each];
  const any = () => true;

  test.each<[string, () => Partial<Seen>, RegExp]>([
    ['a message was reported as not done', () => ({ notDoneCount: 1 }), /not done/],
    ['a bad message has a room', () => ({ roomKeys: [...seen.roomKeys, 'another'] }), /room too many: another/],
    [
      'a good message has two rooms',
      () => ({ roomKeys: [...seen.roomKeys, ...seen.roomKeys.slice(-1)] }),
      /room too many/,
    ],
    ['a good message has no room', () => ({ roomKeys: seen.roomKeys.slice(1) }), /room missing/],
    [
      'a failure is not announced',
      () => ({ completions: changeFirst(seen.completions, isFailed, () => []) }),
      /missing/,
    ],
    [
      'a room is not announced',
      () => ({ completions: changeFirst(seen.completions, isCreated, () => []) }),
      /missing: created/,
    ],
    [
      'a message is announced twice',
      () => ({ completions: changeFirst(seen.completions, isFailed, (each) => [each, each]) }),
      /announcement too many/,
    ],
    [
      'a message is announced under another id',
      () => ({ completions: changeFirst(seen.completions, isFailed, (each) => [{ ...each, id: 'f'.repeat(64) }]) }),
      /announcement missing/,
    ],
    [
      'an announcement has no problems',
      () => ({ completions: changeFirst(seen.completions, isFailed, withoutProblems) }),
      /does not say what is wrong/,
    ],
    ['an announcement has a character that XML does not allow', () => ({ texts: ['"\uffff"'] }), /refuse "\uffff"/],
    ['an announcement is larger than SNS accepts', () => ({ texts: ['a'.repeat(262_145)] }), /refuse aaa/],
    ['a message is not parked', () => ({ parked: seen.parked.slice(1) }), /parked body missing/],
    [
      'a message is parked with one byte more',
      () => ({ parked: changeFirst(seen.parked, any, ({ body, note }) => [{ body: `${body} `, note }]) }),
      /parked body missing/,
    ],
    [
      'a message is parked with an unreadable note',
      () => ({ parked: changeFirst(seen.parked, any, ({ body }) => [{ body, note: '{' }]) }),
      /note/,
    ],
  ])('%s', (_name, wrong, complaint) => {
    expect(complaints(sent, { ...seen, ...wrong() }).join('\n')).toMatch(complaint);
  });
});

/** Every tenth message requests a room that can be created. */
function withGoodNeighbours(): SentMessage[] {
  const count = Math.ceil(bad.length / (BATCH - 1));
  const room = fc.record(
    {
      name: fc.stringMatching(/^[a-z0-9_-]{1,20}$/),
      maximumMessageRatePerSecond: fc.integer({ min: 1, max: 100 }),
      tags: fc.dictionary(fc.stringMatching(/^[b-f]{1,9}$/), fc.constantFrom('', 'ü', '名 1'), { maxKeys: 3 }),
    },
    { requiredKeys: [] },
  );
  const rooms = fc.sample(room, { seed: SEED, numRuns: count });
  return rooms.flatMap((each, index) => {
    const key = `good/${index}`;
    const body = JSON.stringify({ idempotencyKey: key, room: each });
    const neighbours = bad.slice(index * (BATCH - 1), (index + 1) * (BATCH - 1));
    return [...neighbours.map((hostile) => ({ ...hostile, isGood: false })), { isGood: true, body, key }];
  });
}

async function deliver(bodies: string[]): Promise<number> {
  await stack.send(bodies);
  let notDoneCount = 0;
  while ((await stack.waiting('interactive')) > 0) notDoneCount += (await stack.deliver()).postponed;
  return notDoneCount;
}

async function handOver(bodies: string[]): Promise<number> {
  let notDoneCount = 0;
  for (let start = 0; start < bodies.length; start += BATCH) {
    notDoneCount += await stack.handOver(bodies.slice(start, start + BATCH));
  }
  return notDoneCount;
}

function timed(body: string): { read: ReadMessage; tookMs: number } {
  const nowMs = Date.now();
  const before = process.cpuUsage();
  const read = readMessage(
    { body, sentTimestampMs: nowMs, isFromRoster: true },
    { region: REGION, requestMaxAgeMs: 60_000, releases: false, nowMs },
  );
  const { user, system } = process.cpuUsage(before);
  return { read, tookMs: (user + system) / 1_000 };
}
