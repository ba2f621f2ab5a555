import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { eventDetailLines, eventLines } from '../../../cli/print/event-lines.ts';
import { JOBS_HEADER, jobLine } from '../../../cli/print/job-line.ts';
import { depthLines, paceLines } from '../../../cli/print/pace-lines.ts';
import { parkedHeader, parkedLine } from '../../../cli/print/parked-line.ts';
import { effectLines, roomLines, totalLines } from '../../../cli/print/release-lines.ts';
import { changedLines, missedLines } from '../../../cli/print/release-stop-lines.ts';
import { statusLines } from '../../../cli/print/status-lines.ts';
import { topLines } from '../../../cli/print/top-lines.ts';
import { createProgram } from '../../../cli/run-cli.ts';
import { completionLine } from '../../../client/completion-line.ts';
import {
  alignColumns,
  columnsOf,
  fitLine,
  HELP_WIDTH,
  padColumns,
  widthOf,
  wrapLines,
  wrapText,
} from '../../../client/fit-line.ts';
import type { ListedJob } from '../../../client/operate/job-list.ts';
import type { ParkedMessage } from '../../../client/operate/parked-message.ts';
import { planRelease } from '../../../client/operate/release/plan-release.ts';
import { ROOM_STATES } from '../../../client/operate/release/room-release.ts';
import { releaseLine } from '../../../client/release-line.ts';
import { rosterLine } from '../../../client/roster-line.ts';
import { completionSchema } from '../../../lib/contract/completion.ts';
import { REGIONS } from '../../../lib/contract/regions.ts';
import { releaseEventSchema } from '../../../lib/contract/release-event.ts';
import { rosterEventSchema } from '../../../lib/contract/roster-event.ts';
import { roomItem } from '../../support/ledger-items.ts';
import { contextWithoutDeployment } from '../../support/run-in-process.ts';

/** The help of a command and of its subcommands, each as its lines in a terminal with the width of a help. */
function helpsOf(command: Command, path: string[] = []): [string, string[]][] {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text = text + part), getOutHelpWidth: () => HELP_WIDTH });
  command.outputHelp();
  const below = command.commands.flatMap((each) => helpsOf(each, [...path, each.name()]));
  return [[path.join(' '), text.split('\n')], ...below];
}

test('no line of a help is wider than the narrowest terminal', async () => {
  const program = await createProgram(contextWithoutDeployment()).loadProgram();
  const helps = helpsOf(program);
  expect(helps.length).toBeGreaterThan(20);
  // Every help with examples has the text after the options.
  expect(helps.filter(([, lines]) => lines.includes('Examples:')).length).toBeGreaterThan(12);
  expect(
    helps.flatMap(([path, lines]) => lines.filter(({ length }) => length > HELP_WIDTH).map((line) => [path, line])),
  ).toEqual([]);
});

describe('the list of parked messages', () => {
  const message = {
    id: '3f2a91c0-0000-4000-8000-000000000000',
    parkedAt: '2026-12-18T14:22:31.000Z',
    note: {
      reason: 'outcome-unknown',
      sourceQueue: 'arn:aws:sqs:eu-west-1:1:greenroom-prod-interactive',
      receiveCount: 1_000,
    },
    sizeBytes: 262_144,
    idempotencyKey: `final-2026/${'k'.repeat(300)}`,
  };

  test.each([80, 120])('fits a terminal of %i columns, and still shows the beginning of the key', (width) => {
    const parked: ParkedMessage = JSON.parse(JSON.stringify(message));
    const lines = [parkedHeader(width), parkedLine(parked, 'prod', width)];
    expect(lines.filter(({ length }) => length > width)).toEqual([]);
    expect(lines[1]).toMatch(/^3f2a91c0 {2}2026-12-18 14:22 {2}outcome-unknown {2}interactive {2}final-2026\/k+…$/);
    expect(lines[0]?.indexOf('key')).toBe(lines[1]?.indexOf('final-2026'));
  });

  test('has straight columns with full-width characters', () => {
    const parked = { ...JSON.parse(JSON.stringify(message)), note: { ...message.note, sourceQueue: 'x:会場' } };
    expect(parkedLine(parked, 'prod', 80)).toMatch(/ 会場 {9}final/);
  });

  test('is complete in a pipe or a file', () => {
    const parked: ParkedMessage = JSON.parse(JSON.stringify(message));
    expect(parkedLine(parked, 'prod')).toContain(message.idempotencyKey);
  });
});

describe('texts', () => {
  test.each([
    ['a text that fits', 'one two', 7, ['one two']],
    ['a longer text', 'one two three', 8, ['one two', '  three']],
    ['a word that is longer than the line', 'see arn:aws:sns:x now', 8, ['see', '  arn:aws:sns:x', '  now']],
    ['a word that fits only with a shorter indentation', 'see 3456789', 8, ['see', ' 3456789']],
    ['spaces between columns', 'a    b  c ddd', 9, ['a    b  c', '  ddd']],
    ['an indented text', '    error: it failed', 14, ['    error: it', '  failed']],
  ])('%s is wrapped at words', (_title, text, width, lines) => {
    expect(wrapText(text, width, '  ')).toEqual(lines);
  });

  test('are not changed if the output is not a terminal', () => {
    const long = 'x '.repeat(200);
    const width = widthOf({ columns: 80 });
    expect([wrapText(long, width), fitLine(long, width)]).toEqual([[long], long]);
  });
});

const sampleOf = (name: string) => JSON.parse(readFileSync(`events/samples/${name}.json`, 'utf8'));
const NOW_MS = Date.UTC(2026, 11, 18, 14, 22, 31);
const KEY = 'final-2026/main-chat-of-the-north-stand';
const ARN = 'arn:aws:ivschat:eu-west-1:123456789012:room/AbCdEf123456';
const REFUSED = {
  revision: 4,
  problems: [{ path: 'rooms[0].room.name', message: 'may contain only letters a-z and A-Z, digits, "-" and "_"' }],
  problemsTotal: 1,
  refusedAtMs: NOW_MS,
};
const RISK = { atRisk: { cause: 'pace', roomsMissing: 3, expectedAtMs: NOW_MS }, notApplied: REFUSED } as const;
const EVENT = {
  liveEventId: 'final-2026',
  tenant: 'broadcaster',
  revision: 3,
  state: 'incomplete',
  startsAtMs: NOW_MS,
} as const;
const PACE = {
  free_at: NOW_MS,
  open_step: 0,
  deployed_ceiling: 5,
  bulk_ceiling: 1.25,
  open_until: NOW_MS + 30_000,
  bulk_paused_until: NOW_MS + 60_000,
};
const PACES = REGIONS.map((region) => ({ region, item: PACE }));
const QUEUES = [{ queue: 'bulk', visible: 120_000, inFlight: 120_000 }] as const;
const LOAD = {
  ...{ atMs: NOW_MS, queues: [...QUEUES], paces: PACES },
  releasePaces: REGIONS.map((region) => ({ region, item: { ...PACE, stopped_at: NOW_MS - 86_400_000 } })),
};
const WAITING = REGIONS.map((region) => ({
  ...{ region, due: 8_000, waiting: 8_000, more: 'due' as const, dueSinceMs: NOW_MS - 86_400_000 * 30 },
}));
const JOB: ListedJob = {
  ...{ jobId: 'ab'.repeat(32), rows: 50_000, read: 50_000, invalid: 10_000, provisioned: 30_000, existing: 1 },
  ...{ failed: 10_000, stopped: 0, problems: [], problemsTotal: 0, beganAtMs: NOW_MS, name: 'm' },
  state: 'sealed',
  manifest: `s3://bucket/${'m'.repeat(90)}.csv`,
};

/** What each command prints as lines or tables, in a terminal of this width. */
const PRINTERS: Record<string, (width: number | undefined) => string[]> = {
  jobs: (width) => [JOBS_HEADER, jobLine(JOB, width)],
  top: (width) => topLines({ ...LOAD, releases: { kind: 'read', regions: WAITING } }, undefined, width),
  'top without the permission': (width) =>
    topLines(
      { ...LOAD, releases: { kind: 'unread', why: `${'AccessDeniedException: '.repeat(9)}` } },
      undefined,
      width,
    ),
  pace: (width) => wrapLines([...paceLines(PACES, NOW_MS), ...depthLines(QUEUES)], width),
  events: (width) =>
    wrapLines(
      eventLines([{ ...EVENT, ...RISK, roomsToCreate: {}, roomsReady: 1, roomsFailed: 12, roomsTotal: 200 }], width),
      width,
    ),
  'events EVENT': (width) =>
    wrapLines(
      eventDetailLines({
        ...EVENT,
        ...RISK,
        counts: { total: 20_000, exist: 5_000, failed: 5_000, requested: 5_000, notRequested: 5_000 },
        rooms: [
          { key: KEY, state: 'exists', region: 'eu-west-1', arn: ARN },
          {
            key: KEY,
            state: 'failed',
            region: 'eu-west-1',
            reason: 'refused',
            error: 'The room is not valid, because a handler is missing',
          },
        ],
      }),
      width,
    ),
  release: (width) => {
    const wish = { releaseAtMs: NOW_MS, wishedAtMs: NOW_MS, notBeforeMs: NOW_MS };
    const rooms = ROOM_STATES.map((state) => ({ key: KEY, state, region: 'eu-west-1', arn: ARN, wish }) as const);
    const intent = { releaseAtMs: undefined, tenant: undefined };
    const plan = planRelease(rooms, intent);
    return wrapLines(
      [...roomLines(rooms), ...totalLines(plan), ...effectLines(plan, intent, { nowMs: NOW_MS, graceMs: undefined })],
      width,
    );
  },
  'release --stop': (width) => {
    const reason = 'TimeoutError: the connection could not be established within the time limit';
    const changed = REGIONS.map((region) => ({
      region,
      ...(region === 'eu-west-1' ? { problem: reason } : { stoppedSinceMs: NOW_MS }),
    }));
    return wrapLines([...changedLines(changed), ...missedLines(changed, 'stop')], width);
  },
  watch: (width) =>
    wrapLines(
      [
        ...['release-scheduled', 'release-failed', 'room-released'].map((name) =>
          releaseLine(releaseEventSchema.parse(sampleOf(name))),
        ),
        ...['room-provisioned', 'room-failed', 'room-failed-invalid'].map((name) =>
          completionLine(completionSchema.parse(sampleOf(name))),
        ),
        ...['at-risk', 'cancelled', 'completed', 'failed'].map((name) =>
          rosterLine(rosterEventSchema.parse(sampleOf(`roster-${name}`))),
        ),
      ],
      width,
    ),
  status: (width) => {
    const known = { kind: 'known', item: roomItem(), expiresAtMs: NOW_MS } as const;
    return wrapLines(statusLines({ idempotencyKey: KEY, ledgerKey: 'ab'.repeat(32) }, known, NOW_MS), width);
  },
};

/** Whether a line is one word, such as a key, an ARN or an address, which is not broken. */
const isOneWord = (line: string) => !line.trim().includes(' ');

test.each(Object.entries(PRINTERS).flatMap(([name, print]) => [80, 120].map((width) => ({ name, print, width }))))(
  'no line of $name is wider than a terminal of $width columns, except one key or ARN',
  ({ print, width }) => {
    expect(print(width).filter((line) => columnsOf(line) > width && !isOneWord(line))).toEqual([]);
    // Control: without a terminal, nothing is cut, and some lines are longer.
    expect(print(undefined).some((line) => line.includes('…'))).toBe(false);
    expect(print(undefined).some((line) => columnsOf(line) > 80)).toBe(true);
  },
);

test.each([
  ['East Asian characters take two columns', '会場'.repeat(3), 6, '会場…'],
  ['a character is not cut in two', '😀'.repeat(5), 6, '😀😀…'],
  ['a text that fits is not cut', 'é'.repeat(6), 6, 'é'.repeat(6)],
])('%s', (_what, text, width, fitting) => {
  expect(fitLine(text, width)).toBe(fitting);
});

test('a terminal that does not know its width has no lines of one word each', () => {
  expect(wrapText('one two three', widthOf({ isTTY: true, columns: 0 }))).toEqual(['one two three']);
});

test('full-width characters do not shift the next column', () => {
  const rows = alignColumns([
    ['会場', 'x'],
    ['four', 'x'],
  ]);
  expect(rows).toEqual(['会場  x', 'four  x']);
  expect(padColumns('会場', 6)).toBe('会場  ');
});

test('columns are as wide as their widest cell, and end without spaces', () => {
  expect(
    alignColumns(
      [
        ['a', 'n', ''],
        ['bb', '10', 'x'],
      ],
      [1],
    ),
  ).toEqual(['a    n', 'bb  10  x']);
});
