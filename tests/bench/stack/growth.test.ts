import { expect, test } from '@jest/globals';
import { tableOf as backlogTable } from '../../../bench/growth/backlog.ts';
import { growthRows } from '../../../bench/growth/growth-rows.ts';
import { tableOf as liveEventsTable } from '../../../bench/growth/live-events.ts';
import { tableOf as rosterTable } from '../../../bench/growth/rosters.ts';
import { countLooks } from '../../../bench/growth/waiting-events.ts';
import { allHold } from '../../../bench/harness/table.ts';
import { createCounts } from '../../../bench/simulation/counts.ts';

const isFlat = (values: readonly (number | undefined)[]) =>
  allHold([{ scenario: 'growth', title: '', columns: [], rows: growthRows('calls', values) }]);

test.each<[string, (number | undefined)[], boolean]>([
  ['stay equal', [4, 4, 4], true],
  ['grow by a fifth', [5, 5.5, 6], true],
  ['grow by more', [5, 5.5, 6.1], false],
  ['grow from a later size on', [9, 5, 6.1], false],
  ['fall', [9, 5, 1], true],
  ['never occur', [0, 0], true],
  ['begin to occur', [0, 1], false],
  ['are not measured at every size', [4, undefined, 4], true],
])('costs that %s', (_, values, flat) => {
  expect(isFlat(values)).toBe(flat);
});

test('a cost that grows with the size misses its bound', () => {
  const roster = (rows: number, calls: number) => ({
    rows,
    calls,
    writeUnits: 3 * rows,
    readUnits: rows,
    writtenBytes: 100 * rows,
    s3Calls: 4,
    manifestReads: 1,
  });
  expect(allHold([rosterTable([roster(100, 300), roster(1_000, 3_000)])])).toBe(true);
  expect(allHold([rosterTable([roster(100, 300), roster(1_000, 30_000)])])).toBe(false);
});

test('the requests that send a backlog are not counted for its first rooms', () => {
  const drained = (messages: number) => ({
    messages,
    result: {
      ...createCounts(),
      rooms: 100,
      sqsRequests: 20 + messages / 10,
      seconds: 20,
      othersSeconds: [],
      importedMeanwhile: 0,
    },
  });
  const { rows } = backlogTable([drained(100), drained(100_000)]);
  expect(rows.find(({ figure }) => figure.startsWith('requests to SQS'))?.values).toEqual([0.2, 0.2]);
});

test('a look reads the waiting events that start earlier with one query', async () => {
  const signal = new AbortController().signal;
  const looks = await countLooks(10, signal);
  expect(looks).toMatchObject({ events: 10, queries: 1, itemsRead: 4.5 });
  expect(allHold([liveEventsTable([{ ...looks, looksUntilTurn: 3 }])])).toBe(true);
  expect(allHold([liveEventsTable([{ ...looks, looksUntilTurn: undefined }])])).toBe(true);
  expect(allHold([liveEventsTable([{ ...looks, itemsRead: 301, looksUntilTurn: 3 }])])).toBe(false);
  expect(allHold([liveEventsTable([{ ...looks, looksUntilTurn: 100 }])])).toBe(false);
});
