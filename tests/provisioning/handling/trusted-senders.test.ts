import { beforeEach, describe, expect, test } from '@jest/globals';
import type { IncomingRecord } from '../../../lib/platform/incoming-record.ts';
import { type Bench, createBench, REDRIVE_ARN, ROSTER_SENDER } from '../../support/memory-bench.ts';

const MEMBER = { idempotencyKey: 'bulk/rooms/1', room: { name: 'hall' }, roster: 'r', correlationId: 'c' };

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});

const problems = () => bench.completions().at(-1).data.problems;
const sentBy = (SenderId: string | undefined): Partial<IncomingRecord> => ({
  attributes: { ApproximateReceiveCount: 1, SentTimestamp: bench.clock.nowMs(), SenderId },
});

describe('only greenroom’s own functions can name a roster and use its keys', () => {
  test.each([
    ['bulk/rooms/1', { room: {} }, ['idempotencyKey']],
    ['live/final/main', { room: {} }, ['idempotencyKey']],
    ['mine', { room: {}, roster: 'live/final/1' }, ['roster']],
    ['live/final/main', { room: {}, roster: 'live/final/1' }, ['idempotencyKey', 'roster']],
    ['live/final/main', { room: 5, roster: 'live/final/1' }, ['idempotencyKey', 'roster', 'room']],
  ])(
    'a request of another sender with the key %s and %j is invalid, and no roster counts it',
    async (idempotencyKey, rest, paths) => {
      expect(await bench.handle(bench.record({ idempotencyKey, ...rest }))).toMatchObject({ how: 'invalid' });
      expect(problems().map(({ path }: { path: string }) => path)).toEqual(paths);
      expect(problems()[0].message).toMatch(
        /reserved for the requests that greenroom sends for bulk jobs and live events/,
      );
      expect(bench.messaging.published.at(-1)?.attributes).not.toHaveProperty('roster');
      // The one conditional write only checks whether the ledger has the key. It changes nothing.
      expect(bench.callNames().filter((name) => name !== 'UpdateItem')).toEqual(['Publish']);
      expect(bench.callsOf('UpdateItem').length).toBe(rest.room === 5 ? 0 : 1);
      expect(bench.stored(idempotencyKey)).toEqual({});
    },
  );

  test('a request of such a function is fulfilled and counted', async () => {
    expect(await bench.handle(bench.record(MEMBER, sentBy(ROSTER_SENDER)))).toMatchObject({ how: 'created' });
    expect(bench.messaging.published[0]?.attributes).toMatchObject({ roster: 'r' });
  });

  test.each([
    ['a session of another role', 'AROAANOTHERROLE234567:start-bulk-job'],
    ['a user with the id of the role', ROSTER_SENDER.split(':')[0]],
    ['a session whose name contains the role id', `AROAANOTHERROLE234567:${ROSTER_SENDER}`],
    ['a sender without an id', undefined],
    ['a sender with an empty id', ''],
    ['a session without a role id', ':session'],
  ])('%s is not such a function', async (_who, senderId) => {
    expect(await bench.handle(bench.record(MEMBER, sentBy(senderId)))).toMatchObject({ how: 'invalid' });
    expect(bench.stored(MEMBER.idempotencyKey)).toEqual({});
  });

  test('a message attribute does not count in a lane', async () => {
    const messageAttributes = { 'greenroom-from-roster': { stringValue: 'true' } };
    expect(await bench.handle(bench.record(MEMBER, { messageAttributes }))).toMatchObject({ how: 'invalid' });
  });
});

describe('a member that was parked', () => {
  const noted = () => JSON.parse(bench.messaging.parked.at(-1)?.note ?? '{}');

  test.each([
    ['a function of greenroom', ROSTER_SENDER, true],
    ['another sender', 'AIDAANOTHERSENDER2345', false],
  ])('has a note that states whether it was sent by %s', async (_who, senderId, isFromRoster) => {
    await bench.handle(bench.record('no JSON', sentBy(senderId)));
    expect(noted()).toMatchObject({ reason: 'unparseable', isFromRoster });
  });

  test.each([
    ['with that attribute', { 'greenroom-from-roster': { stringValue: 'true' } }, 'created'],
    ['without it', {}, 'invalid'],
    ['with another', { 'greenroom-from-roster': { stringValue: 'yes' } }, 'invalid'],
  ])('and is sent back %s has the outcome %s', async (_how, messageAttributes, how) => {
    const record = bench.record(MEMBER, { eventSourceARN: REDRIVE_ARN, messageAttributes });
    expect(await bench.handle(record)).toMatchObject({ how: how === 'created' ? 'created' : 'invalid' });
  });
});
