import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, test } from '@jest/globals';
import {
  DamagedRosterError,
  isCounted,
  parseMember,
  parseMeta,
  parseRow,
  type RosterMeta,
} from '../../../lib/rosters/roster-item.ts';
import { expiresAt } from '../../../lib/rosters/roster-table.ts';

const META = {
  pk: 'roster#r',
  sk: 'meta',
  schema_version: 1,
  roster_id: 'r',
  kind: 'bulk',
  state: 'open',
  created_at: 1_000,
  bulk: { manifest: 's3://b/manifests/a.csv', name: 'a' },
};

describe('a new roster', () => {
  test('has counts of zero, and has its answers by region', () => {
    const meta = parseMeta(marshall({ ...META, 'answered_eu-west-1': 2, 'answered_us-east-1': 1 }));
    expect(meta).toMatchObject({
      ...{ revision: 0, members: 0, provisioned: 0, existing: 0, failed: 0 },
      ...{ rows: 0, invalid_rows: 0, repeated_rows: 0 },
      answered: { 'eu-west-1': 2, 'us-east-1': 1 },
    });
    expect(parseMeta(marshall(META))).toMatchObject({ answered: {} });
  });
});

describe('the error for an unreadable item has its key and everything that is wrong with it:', () => {
  test.each<[string, () => unknown, string]>([
    [
      'an item of a newer release',
      () => parseMeta(marshall({ ...META, schema_version: 2 })),
      'The roster item roster#r meta cannot be read: schema_version ',
    ],
    [
      'an item that was changed by hand',
      () => parseMeta(marshall({ ...META, state: 'lost', created_at: 'now' })),
      'The roster item roster#r meta cannot be read: state ',
    ],
    [
      'a nested field',
      () => parseMeta(marshall({ ...META, bulk: { name: 'a' } })),
      'The roster item roster#r meta cannot be read: bulk.manifest ',
    ],
    [
      'a member',
      () => parseMember(marshall({ pk: 'roster#r', sk: 'member#h', ledger_key: 'h' })),
      'The roster item roster#r member#h cannot be read: idempotency_key ',
    ],
    [
      'a row',
      () => parseRow(marshall({ pk: 'roster#r', sk: 'row#0000001', row: 'one', place: 1 })),
      'The roster item roster#r row#0000001 cannot be read: row ',
    ],
  ])('%s', (_what, parse, message) => {
    expect(parse).toThrow(DamagedRosterError);
    expect(parse).toThrow(message);
  });

  test('several problems', () => {
    expect(() => parseMeta(marshall({ ...META, state: 'lost', created_at: 'now' }))).toThrow(/state .*; created_at /);
  });
});

test.each<[RosterMeta['state'], number, number, number, boolean]>([
  ['open', 2, 2, 0, false],
  ['refused', 2, 2, 0, false],
  ['sealed', 2, 1, 0, false],
  ['sealed', 2, 1, 1, true],
  ['sealed', 2, 0, 2, true],
  ['sealed', 2, 2, 1, true],
  ['sealed', 0, 0, 0, true],
  ['reported', 2, 2, 0, true],
  ['announced', 2, 2, 0, true],
  ['announced', 3, 2, 0, false],
])('a roster is completely counted in the state "%s" with %i members, %i rooms and %i failures: %s', (...row) => {
  const [state, members, provisioned, failed, counted] = row;
  expect(isCounted(parseMeta(marshall({ ...META, state, members, provisioned, failed })))).toBe(counted);
});

test('an item expires within a second after its retention, and never before', () => {
  const table = { retentionSeconds: 10 };
  expect([1_000, 1_001, 2_000].map((nowMs) => expiresAt(nowMs, table as Parameters<typeof expiresAt>[1]))).toEqual([
    11, 12, 12,
  ]);
});
