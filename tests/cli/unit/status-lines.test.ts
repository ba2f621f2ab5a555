import { describe, expect, test } from '@jest/globals';
import { statusJson } from '../../../cli/print/status-json.ts';
import { statusLines } from '../../../cli/print/status-lines.ts';
import { MEANINGS, meaningOf } from '../../../client/describe/wait-reasons.ts';
import type { RequestWait } from '../../../client/operate/request-wait.ts';
import { failedCompletion, provisionedCompletion } from '../../../lib/contract/completion.ts';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { KEEP_MS } from '../../../lib/contract/release-wish.ts';
import type { LedgerItem } from '../../../lib/ledger/ledger-item.ts';
import { decided, failedItem, roomItem, undecidedItem } from '../../support/ledger-items.ts';
import { must } from '../../support/must.ts';

const NOW_MS = Date.parse('2026-06-01T12:00:00.000Z');
const at = (minutes: number) => NOW_MS + minutes * 60_000;
const NO_TIME = '-'.padEnd(24);

const refused = failedCompletion({
  ...decided,
  reason: 'refused',
  error: { name: 'ValidationException', message: 'no\u001b[2J good' },
  fieldList: [{ name: 'name', message: 'is taken' }],
  retryable: false,
});
const adopted = provisionedCompletion({ ...decided, outcome: 'adopted', late: false, room: { arn: 'the-arn' } });

const KEY = { idempotencyKey: 'key', ledgerKey: ledgerKey('key') };

interface Case {
  wait?: RequestWait;
  what: string;
  item: LedgerItem;
  expiresAtMs?: number;
  lines: string[];
  json: object;
}

const CASES: Case[] = [
  {
    what: 'of a key that a worker holds',
    item: undecidedItem({ lease_end: at(1), needed_by: at(60) }),
    lines: [
      `${NO_TIME}  claimed (generation 0)`,
      '2026-06-01T12:01:00.000Z  a worker holds the key; its lease ends then',
      '2026-06-01T13:00:00.000Z  the room is needed by then',
    ],
    json: { state: 'in-progress', leaseUntil: '2026-06-01T12:01:00.000Z', neededBy: '2026-06-01T13:00:00.000Z' },
  },
  {
    what: 'of a key that was rebuilt after a restore, and not requested since',
    item: undecidedItem({
      create_started_at: at(-60),
      rebuilt_from: 'the-arn',
      payload_hash: undefined,
      needed_by: undefined,
    }),
    lines: [
      `${NO_TIME}  claimed (generation 0)`,
      '2026-06-01T11:00:00.000Z  CreateRoom was about to be sent: from then on, a room may exist',
      `${NO_TIME}  undecided: greenroom first looks for the room`,
      `${NO_TIME}  no worker holds the key at the moment`,
      `${NO_TIME}  rebuilt from the tags of the-arn: the next request gets this room`,
    ],
    json: { state: 'in-progress', intentAt: '2026-06-01T11:00:00.000Z', rebuiltFrom: 'the-arn' },
  },
  {
    what: 'of a request that waits, with its reasons, the latest reason last',
    item: undecidedItem({
      needed_by: at(60),
      waits: {
        quota: { first: at(-90), last: at(-2), count: 17 },
        'no-slot': { first: at(-100), last: at(-100), count: 1 },
      },
    }),
    wait: { reason: 'quota', sinceMs: at(-90), lastMs: at(-2), count: 17, untilMs: at(13) },
    lines: [
      `${NO_TIME}  claimed (generation 0)`,
      '2026-06-01T10:20:00.000Z  postponed: no-slot',
      '2026-06-01T10:30:00.000Z  postponed 17 times, the last at 2026-06-01T11:58:00.000Z: quota',
      '2026-06-01T12:13:00.000Z  waiting: quota; the next attempt is due by then',
      `${NO_TIME}    the region has as many rooms as its quota allows`,
      '2026-06-01T13:00:00.000Z  the room is needed by then',
    ],
    json: {
      state: 'in-progress',
      waitsFor: {
        reason: 'quota',
        since: '2026-06-01T10:30:00.000Z',
        last: '2026-06-01T11:58:00.000Z',
        count: 17,
        nextAttemptBy: '2026-06-01T12:13:00.000Z',
      },
      waits: {
        quota: { since: '2026-06-01T10:30:00.000Z', last: '2026-06-01T11:58:00.000Z', count: 17 },
        'no-slot': { since: '2026-06-01T10:20:00.000Z', last: '2026-06-01T10:20:00.000Z', count: 1 },
      },
    },
  },
  {
    what: 'of a denied request that was released with an intent and whose room is no longer needed',
    item: undecidedItem({ generation: 2, needed_by: at(-1), create_started_at: at(-5), denied_at: at(-9) }),
    lines: [
      `${NO_TIME}  claimed again after it had failed (generation 2)`,
      '2026-06-01T11:51:00.000Z  AccessDenied',
      '2026-06-01T11:55:00.000Z  CreateRoom was about to be sent: from then on, a room may exist',
      `${NO_TIME}  undecided: greenroom first looks for the room`,
      `${NO_TIME}  no worker holds the key at the moment`,
      '2026-06-01T11:59:00.000Z  the room was needed by then',
    ],
    json: {
      state: 'in-progress',
      generation: 2,
      intentAt: '2026-06-01T11:55:00.000Z',
      deniedAt: '2026-06-01T11:51:00.000Z',
    },
  },
  {
    what: 'of a request that is decided but not completed',
    item: roomItem({ decided_at: at(-1), lease_end: at(-2), completion: adopted }),
    lines: [
      `${NO_TIME}  claimed (generation 0)`,
      '2026-06-01T11:59:00.000Z  decided: room adopted (found after an attempt whose response was lost): the-arn',
      `${NO_TIME}  completion ${adopted.id}`,
      `${NO_TIME}  not completed: the completion may or may not have been published; the next delivery publishes it`,
      `${NO_TIME}  no worker holds the key at the moment`,
    ],
    json: { state: 'decided', decision: 'room', roomArn: 'arn', completion: adopted },
  },
  {
    what: 'of a request that failed and is completed',
    item: failedItem({ status: 'COMPLETED', decided_at: at(-1), lease_end: at(1), completion: refused }),
    expiresAtMs: at(10),
    lines: [
      `${NO_TIME}  claimed (generation 0)`,
      '2026-06-01T11:59:00.000Z  decided: failed, refused: ValidationException: no\\x1b[2J good',
      `${NO_TIME}    name: is taken`,
      `${NO_TIME}  the same request will fail again`,
      `${NO_TIME}  completion ${refused.id}`,
      `${NO_TIME}  completed: the completion was published`,
      '2026-06-01T12:10:00.000Z  the ledger keeps the key until then',
    ],
    json: { state: 'completed', decision: 'failed', rememberedUntil: '2026-06-01T12:10:00.000Z' },
  },
  {
    what: 'of a room that is to be released, and can be kept until the end of the grace period',
    item: roomItem({
      ...{ status: 'COMPLETED', decided_at: at(-60), completion: adopted },
      ...{ release_at: at(-1), release_wished_at: at(-1), release_due_at: at(14) },
    }),
    lines: [
      `${NO_TIME}  claimed (generation 0)`,
      '2026-06-01T11:00:00.000Z  decided: room adopted (found after an attempt whose response was lost): the-arn',
      `${NO_TIME}  completion ${adopted.id}`,
      `${NO_TIME}  completed: the completion was published`,
      '2026-06-01T11:59:00.000Z  release requested for 2026-06-01T11:59:00.000Z',
      '2026-06-01T12:14:00.000Z  the room will be released then, unless it is kept or gets a later time first',
    ],
    json: {
      state: 'completed',
      wish: {
        releaseAt: '2026-06-01T11:59:00.000Z',
        wishedAt: '2026-06-01T11:59:00.000Z',
        notBefore: '2026-06-01T12:14:00.000Z',
      },
    },
  },
  {
    what: 'of a room that is released',
    item: roomItem({
      ...{ status: 'COMPLETED', decided_at: at(-60), completion: adopted },
      ...{ release_at: at(-9), release_wished_at: at(-30), release_due_at: at(-9) },
      ...{ release_marked_at: at(-8), released_at: at(-7) },
    }),
    expiresAtMs: at(90),
    lines: [
      `${NO_TIME}  claimed (generation 0)`,
      '2026-06-01T11:00:00.000Z  decided: room adopted (found after an attempt whose response was lost): the-arn',
      `${NO_TIME}  completion ${adopted.id}`,
      `${NO_TIME}  completed: the completion was published`,
      '2026-06-01T11:30:00.000Z  release requested for 2026-06-01T11:51:00.000Z',
      '2026-06-01T11:52:00.000Z  the release became final',
      '2026-06-01T11:53:00.000Z  released: the room is deleted',
      '2026-06-01T13:30:00.000Z  the ledger keeps the key until then',
    ],
    json: {
      state: 'released',
      wish: { releaseAt: '2026-06-01T11:51:00.000Z' },
      markedAt: '2026-06-01T11:52:00.000Z',
      releasedAt: '2026-06-01T11:53:00.000Z',
    },
  },
];

describe('the status of a request', () => {
  test.each([
    [
      'a wish that is due',
      { release_at: at(-9), release_due_at: at(-9) },
      [/^2026-06-01T11:51:00.000Z {2}the release has been due since then$/],
    ],
    ['a room that is to be kept', { release_at: KEEP_MS, release_due_at: KEEP_MS }, [/requested to keep the room$/]],
    [
      'a wish of an earlier request, which failed',
      { release_at: at(9), release_due_at: at(9), begun_after: at(-30) },
      [
        /release requested for 2026-06-01T12:09:00.000Z, before the failure of an earlier request: this no longer applies$/,
      ],
    ],
  ])('shows %s', (_what, attributes, [last]) => {
    const item = roomItem({ status: 'COMPLETED', release_wished_at: at(-30), ...attributes });
    const status = { kind: 'known', item, expiresAtMs: undefined } as const;
    expect(statusLines(KEY, status, NOW_MS).at(-1)).toMatch(must(last));
    // Control: only a wish that applies is the wish of the room.
    expect('wish' in statusJson(KEY, status, NOW_MS)).toBe(!('begun_after' in attributes));
  });

  test('of a key that has only a wish shows the wish, and how long it is kept', () => {
    const item = {
      id: 'k',
      schema_version: 2,
      idempotency_key: 'key',
      ...{ release_at: at(60), release_wished_at: at(-1), release_due_at: at(60) },
    } as const;
    const status = { kind: 'wish-only', item, expiresAtMs: at(90) } as const;
    expect(statusLines(KEY, status, NOW_MS).slice(1)).toEqual([
      'No request has arrived for this key. If one arrives, this applies:',
      '2026-06-01T11:59:00.000Z  release requested for 2026-06-01T13:00:00.000Z',
      '2026-06-01T13:30:00.000Z  the ledger keeps this until then',
    ]);
    expect(statusJson(KEY, status, NOW_MS)).toMatchObject({
      state: 'not-requested',
      wish: { releaseAt: '2026-06-01T13:00:00.000Z' },
      rememberedUntil: '2026-06-01T13:30:00.000Z',
    });
  });

  test.each(CASES)('$what', ({ item, wait, expiresAtMs, lines, json }) => {
    const status = { kind: 'known', item, expiresAtMs, wait } as const;
    expect(statusLines(KEY, status, NOW_MS)).toEqual([`key  (ledger key ${ledgerKey('key')})  eu-west-1`, ...lines]);
    expect(JSON.parse(JSON.stringify(statusJson(KEY, status, NOW_MS)))).toMatchObject({
      idempotencyKey: 'key',
      ...json,
    });
  });

  test('leaves absent fields and leases that have ended out of the JSON', () => {
    const item = failedItem({ status: 'COMPLETED', lease_end: at(1) });
    const status = { kind: 'known', item, expiresAtMs: undefined } as const;
    expect(Object.keys(JSON.parse(JSON.stringify(statusJson(KEY, status, NOW_MS))))).toEqual([
      'idempotencyKey',
      'ledgerKey',
      'state',
      'region',
      'generation',
      'neededBy',
      'decidedAt',
      'decision',
      'completion',
      'history',
    ]);
  });

  test('with a damaged item names the problems of the item', () => {
    const status = { kind: 'damaged', problem: 'version must be a number' } as const;
    expect(statusLines(KEY, status, NOW_MS).slice(1)).toEqual([
      'version must be a number.',
      'Until a person repairs the item, greenroom parks every request with this key.',
      'Afterwards, send the requests back with greenroom redrive.',
    ]);
    expect(statusJson(KEY, status, NOW_MS)).toEqual({
      idempotencyKey: 'key',
      ledgerKey: ledgerKey('key'),
      state: 'damaged',
      problem: 'version must be a number',
    });
  });

  test('has its history as a list for programs, with the facts of the text in their order', () => {
    const { item, wait, expiresAtMs } = must(CASES.find(({ what }) => what.includes('that waits')));
    const status = { kind: 'known', item, expiresAtMs, wait } as const;
    const [, ...lines] = statusLines(KEY, status, NOW_MS);
    const { history } = JSON.parse(JSON.stringify(statusJson(KEY, status, NOW_MS)));
    const asLines = history.map(({ at: time = '-', text }: Record<string, string>) => `${time} ${text}`);
    expect(asLines).toEqual(lines.map((line) => line.replace(/\s+/, ' ').trim()));
  });

  test.each([
    ['key', 'use another idempotencyKey'],
    ['live/final/main', 'give it another key in a revision'],
    ['bulk/rooms.csv/1', 'give the row a key of its own'],
  ])('of the key %s whose room was deleted says what to do for a new room', (key, remedy) => {
    const item = roomItem({ status: 'COMPLETED', idempotency_key: key });
    const roomCheck = { exists: false, atMs: at(0) };
    const status = { kind: 'known', item, expiresAtMs: at(10), roomCheck } as const;
    expect(statusLines(KEY, status, NOW_MS).slice(-4)).toEqual([
      '2026-06-01T12:00:00.000Z  checked: IVS Chat has no such room: it was deleted',
      `${NO_TIME}    requests with this key still get the deleted room`,
      `${NO_TIME}    for a new room, ${remedy}`,
      '2026-06-01T12:10:00.000Z  the ledger keeps the key until then',
    ]);
    expect(statusJson(KEY, status, NOW_MS)).toMatchObject({
      state: 'room-deleted',
      roomCheck: { exists: false, at: '2026-06-01T12:00:00.000Z' },
    });
  });

  test.each([
    ['final-2026', ['If it is the name of a room: greenroom status --name final-2026']],
    ['final-2026/main', []],
  ])('of the unknown key %s names --name only if the key could be the name of a room', (key, hint) => {
    const subject = { idempotencyKey: key, ledgerKey: ledgerKey(key) };
    expect(statusLines(subject, { kind: 'unknown' }, NOW_MS).slice(3)).toEqual(hint);
  });
});

test('the meaning of every reason fits beside a time on a line of 80 columns, and another reason has none', () => {
  const widths = Object.values(MEANINGS).map((text) => `${NO_TIME}    ${text}`.length);
  expect(Math.max(...widths)).toBeLessThanOrEqual(80);
  expect(meaningOf('a reason of another release')).toBeUndefined();
});
