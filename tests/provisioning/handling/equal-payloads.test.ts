import { beforeEach, describe, expect, test } from '@jest/globals';
import { payloadHash } from '../../../lib/contract/keys.ts';
import type { Room } from '../../../lib/contract/room.ts';
import { caseOf, recorded } from '../../compatibility/release.ts';
import { type Bench, createBench, START_MS } from '../../support/memory-bench.ts';

const LEASE_MS = 91_000;
const NOTATIONS: [string, Room][] = [
  ['as absent members', { name: 'hall' }],
  ['as empty tags', { name: 'hall', tags: {} }],
  ['as an empty list', { name: 'hall', loggingConfigurationIdentifiers: [] }],
  ['as an empty handler', { name: 'hall', messageReviewHandler: {} }],
];
const PAIRS = NOTATIONS.flatMap(([, first]) => NOTATIONS.map(([name, again]) => [name, first, again] as const));

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const record = (room: Room) => bench.record({ idempotencyKey: 'key', room });
const answered = (how: string) => expect.objectContaining({ kind: 'answered', how });

describe('the same room, sent again with its empty members written', () => {
  test.each(PAIRS)('%s, is a replay (first: %j)', async (_name, first, again) => {
    expect(await bench.handle(record(first))).toEqual(answered('created'));
    expect(await bench.handle(record(again))).toEqual(answered('replayed'));
    const [one, two] = bench.completions();
    expect(two).toEqual(one);
    expect(bench.callsOf('CreateRoom')).toHaveLength(1);
  });

  test.each(PAIRS)('%s, continues a request whose worker crashed (first: %j)', async (_name, first, again) => {
    await bench.crash(record(first), 'CreateRoom');
    bench.pass(bench.config.timing.settleMs + LEASE_MS);
    expect(await bench.handle(record(again))).toEqual(answered('created'));
    expect(bench.ivsChat.rooms()).toHaveLength(1);
  });
});

test.each<[string, Room]>([
  ['another tag', { name: 'hall', tags: { a: '' } }],
  ['another name', { name: 'studio', tags: {} }],
  ['a fallback', { name: 'hall', messageReviewHandler: { fallbackResult: 'ALLOW' } }],
])('a room with %s is another room', async (_name, room) => {
  await bench.handle(record({ name: 'hall' }));
  expect(await bench.handle(record(room))).toEqual(answered('key-reused'));
});

describe('an item of release 0.1.0', () => {
  const SHA256_OF_ABSENT = payloadHash({ room: { name: 'hall' }, region: 'eu-west-1' });
  const NAMES = [
    'completed, created',
    'completed, adopted',
    'completed, failed: refused',
    'released, without an intent',
  ];

  /** Stores an item of the release, whose room was written with this notation. */
  async function restore(name: string, room: Room) {
    const found = caseOf(recorded('ledger'), name);
    await bench.putItem('ledger', {
      ...found.item,
      payload_hash: { S: payloadHash({ room, region: 'eu-west-1' }) },
    });
    bench.pass(found.recordedAtMs - START_MS + (name.startsWith('released') ? LEASE_MS : 0));
    return found.message;
  }

  test.each(NAMES.flatMap((name) => PAIRS.map(([, first, again]) => [name, first, again] as const)))(
    '%s with %j is found by a request with %j',
    async (name, first, again) => {
      const message = await restore(name, first);
      const body = JSON.stringify({ ...JSON.parse(message.body), room: again });
      const how = name.startsWith('released') ? 'created' : 'replayed';
      expect(await bench.handle({ ...message, body })).toEqual(answered(how));
    },
  );

  test('is found by that release too, because the hash of an item is the hash of the room as it was written', async () => {
    await bench.crash(record({ name: 'hall', tags: {} }), 'CreateRoom');
    const written = payloadHash({ room: { name: 'hall', tags: {} }, region: 'eu-west-1' });
    expect(bench.stored('key')).toMatchObject({ payload_hash: written });
    expect(written).not.toBe(SHA256_OF_ABSENT);
  });
});
