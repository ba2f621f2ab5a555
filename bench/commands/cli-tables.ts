import { median, percentile, sum } from '../harness/arithmetic.ts';
import type { Row, Table } from '../harness/table.ts';
import type { LoadedModules } from './measured-program.ts';

/** The times of a program's runs, in milliseconds. */
export interface MeasuredRuns {
  name: string;
  timesMs: readonly number[];
}

const MOST_HELP = 1.5;
const MOST_STATUS = 1.3;

/**
 * @param all the runs of `node -e 0`, of `greenroom --help`, of the script with a bare SDK client, of this script with Node's compile cache,
 * and of `greenroom status`
 */
export function cliTable(all: readonly MeasuredRuns[]): Table {
  const [empty, help, bare, cached, status] = all;
  if (!empty || !help || !bare || !cached || !status) throw new Error('A program was not measured');
  const row = (figure: string, pick: (timesMs: readonly number[]) => number): Row => ({
    figure,
    unit: 'milliseconds',
    values: all.map(({ timesMs }) => pick(timesMs)),
  });
  const ratio = (figure: string, ours: MeasuredRuns, base: MeasuredRuns, atMost?: number): Row => {
    const column = all.indexOf(ours);
    const value = median(ours.timesMs) / median(base.timesMs);
    return {
      figure,
      unit: 'ratio',
      values: all.map((each) => (each === ours ? value : undefined)),
      ...(atMost !== undefined && { bound: { atMost }, boundColumns: [column] }),
    };
  };
  return {
    scenario: 'cli',
    title: 'Commands in fresh processes: medians',
    columns: all.map(({ name }) => name),
    rows: [
      row('from the start to the end', median),
      row('… first quartile', (timesMs) => percentile(timesMs, 0.25)),
      row('… third quartile', (timesMs) => percentile(timesMs, 0.75)),
      ratio(`÷ ${empty.name}`, help, empty, MOST_HELP),
      ratio(`÷ ${bare.name}`, status, bare, MOST_STATUS),
      ratio(`÷ ${cached.name}`, status, cached),
    ],
    notes: [
      `${empty.timesMs.length} rounds, in which the programs take turns. The script makes the one AWS call of \`greenroom status\` with a bare SDK client, and is built with the same options as the command line. Both call the emulated DynamoDB on the same machine. The command line turns on Node's compile cache itself. The script is also shown with NODE_COMPILE_CACHE.`,
    ],
  };
}

const KILOBYTE = 1_000;
/** The packages with the most files are printed by name. The other packages are printed as a sum. */
const MOST_PACKAGES = 12;

export interface LoadsOf {
  name: string;
  loads: LoadedModules;
}

/** What the programs load, by package. */
export function loadsTable(all: readonly LoadsOf[]): Table {
  const byPackage = all.map(({ loads }) => Map.groupBy(loads.files, ({ url }) => packageOf(url)));
  const most = (name: string) => Math.max(...byPackage.map((packages) => packages.get(name)?.length ?? 0));
  const names = [...new Set(byPackage.flatMap((packages) => [...packages.keys()]))].toSorted(
    (left, right) => most(right) - most(left),
  );
  const filesOf = (figure: string, wanted: readonly string[]): Row => ({
    figure,
    unit: 'count',
    values: byPackage.map((packages) => sum(wanted.map((name) => packages.get(name)?.length ?? 0))),
  });
  const row = (figure: string, unit: Row['unit'], pick: (loads: LoadedModules) => number): Row => ({
    figure,
    unit,
    values: all.map(({ loads }) => pick(loads)),
  });
  return {
    scenario: 'cli',
    title: 'What the programs load',
    columns: all.map(({ name }) => name),
    rows: [
      row('the last file is loaded after', 'milliseconds', ({ lastMs }) => lastMs),
      row('kilobytes of code', 'count', ({ files }) => Math.round(sum(files.map(({ bytes }) => bytes)) / KILOBYTE)),
      row('modules of Node that they import', 'count', ({ builtins }) => builtins.length),
      row('files', 'count', ({ files }) => files.length),
      ...names.slice(0, MOST_PACKAGES).map((name) => filesOf(`… ${name}`, [name])),
      filesOf('… other packages', names.slice(MOST_PACKAGES)),
    ],
    notes: ['One run of each program, with hooks that record every file. They make the program slower.'],
  };
}

/** The package that a file belongs to, such as `@smithy/core`. */
function packageOf(url: string): string {
  const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
  return name ?? 'the program itself';
}
