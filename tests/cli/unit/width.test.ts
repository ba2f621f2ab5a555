import { describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { alignColumns, fitLine, HELP_WIDTH, widthOf, wrapText } from '../../../cli/print/fit-line.ts';
import { parkedHeader, parkedLine } from '../../../cli/print/parked-line.ts';
import { createProgram } from '../../../cli/run-cli.ts';
import type { ParkedMessage } from '../../../client/operate/parked-message.ts';
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
