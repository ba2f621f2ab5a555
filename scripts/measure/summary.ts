import type { FileFigures, FunctionSize } from './measure-file.ts';
import { directoryOf, isProduction } from './sources.ts';

/** A production function with more lines than this is listed. */
export const LONG_FUNCTION = 40;
/** A directory of lib with a larger share of lib's lines is listed. */
export const LARGE_SHARE = 0.2;

export interface Summary {
  directories: Record<string, number>;
  figures: Record<string, number>;
  longFunctions: FunctionSize[];
  largeDirectories: string[];
  cycles: string[][];
}

/** The figures of a whole tree. They cover production code unless their names say otherwise. */
export function summarise(files: readonly FileFigures[], cycles: string[][]): Summary {
  const [production = [], tests = []] = [true, false].map((is) =>
    files.filter(({ path }) => isProduction(path) === is),
  );
  const directories = linesByDirectory(files);
  const functions = production.flatMap((file) => file.functions);
  const productionLines = sum(production, ({ lines }) => lines);
  const testLines = sum(tests, ({ lines }) => lines);
  return {
    directories,
    figures: {
      'production lines': productionLines,
      'test, simulation and bench lines': testLines,
      'test : production': round(testLines / productionLines, 2),
      ...percentiles(
        'lines of a file',
        production.map(({ lines }) => lines),
        [50, 90, 100],
      ),
      functions: functions.length,
      ...percentiles(
        'lines of a function',
        functions.map(({ lines }) => lines),
        [50, 95, 100],
      ),
      'lines with a comment, per 100 lines of code': round(
        (100 * sum(production, ({ commentLines }) => commentLines)) / sum(production, ({ codeLines }) => codeLines),
        1,
      ),
      casts: sum(production, ({ casts }) => casts),
      any: sum(production, ({ anys }) => anys),
      'non-null assertions': sum(production, ({ nonNullAssertions }) => nonNullAssertions),
      suppressions: sum(production, ({ suppressions }) => suppressions),
    },
    longFunctions: functions.filter(({ lines }) => lines > LONG_FUNCTION).sort((a, b) => b.lines - a.lines),
    largeDirectories: largeDirectories(directories),
    cycles,
  };
}

function linesByDirectory(files: readonly FileFigures[]): Record<string, number> {
  const groups = Map.groupBy(files, ({ path }) => directoryOf(path));
  return Object.fromEntries([...groups].map(([directory, group]) => [directory, sum(group, ({ lines }) => lines)]));
}

function largeDirectories(directories: Record<string, number>): string[] {
  const ofLib = Object.entries(directories).filter(([directory]) => directory.startsWith('lib/'));
  const total = sum(ofLib, ([, lines]) => lines);
  return ofLib.filter(([, lines]) => lines > total * LARGE_SHARE).map(([directory]) => directory);
}

/** Each percentile is the smallest value that at least this percentage of the values does not exceed; 100 gives the largest value. */
function percentiles(name: string, values: number[], percents: number[]): Record<string, number> {
  const sorted = values.toSorted((a, b) => a - b);
  return Object.fromEntries(
    percents.map((percent) => [
      `${name}, ${percent === 100 ? 'largest' : `p${percent}`}`,
      sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? 0,
    ]),
  );
}

/** Rounds a ratio. A ratio to 0 counts as 0. */
function round(value: number, digits: number): number {
  return Number.isFinite(value) ? Number(value.toFixed(digits)) : 0;
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
