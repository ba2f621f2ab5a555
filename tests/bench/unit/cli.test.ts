import { expect, test } from '@jest/globals';
import { cliTable, loadsTable } from '../../../bench/commands/cli-tables.ts';
import { allHold, holds } from '../../../bench/harness/table.ts';

const runs = (name: string, ms: number) => ({ name, timesMs: [ms - 1, ms, ms + 1] });

const measured = ({ help = 140, status = 250 }) =>
  cliTable([runs('empty', 100), runs('help', help), runs('bare', 200), runs('cached', 190), runs('status', status)]);

test('the command line is compared with an empty program and with a bare SDK client', () => {
  const { rows } = measured({});
  expect(rows.slice(-3).map(({ values }) => values.filter((value) => value !== undefined))).toEqual([
    [1.4],
    [1.25],
    [250 / 190],
  ]);
  expect(allHold([measured({})])).toBe(true);
});

test('slow help and a slow command each miss their own bound', () => {
  expect(measured({ help: 151 }).rows.filter((row) => !holds(row))).toMatchObject([{ figure: '÷ empty' }]);
  expect(measured({ status: 261 }).rows.filter((row) => !holds(row))).toMatchObject([{ figure: '÷ bare' }]);
});

test('the loaded files are counted by package, and those of the program itself separately', () => {
  const file = (path: string) => ({ url: `file:///project/${path}`, bytes: 2_000 });
  const loads = {
    files: [file('dist/cli/main.js'), file('node_modules/@smithy/core/a.js'), file('node_modules/@smithy/core/b.js')],
    builtins: ['node:fs'],
    lastMs: 12,
  };
  const { rows } = loadsTable([{ name: 'status', loads }]);
  expect(rows.map(({ figure, values: [value] }) => [figure, value])).toEqual([
    ['the last file is loaded after', 12],
    ['kilobytes of code', 6],
    ['modules of Node that they import', 1],
    ['files', 3],
    ['… @smithy/core', 2],
    ['… the program itself', 1],
    ['… other packages', 0],
  ]);
});
