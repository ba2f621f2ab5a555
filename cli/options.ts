import { InvalidArgumentError, Option } from 'commander';
import { LOCAL_STAGE } from '../client/local-stage.ts';
import { REGIONS } from '../lib/contract/regions.ts';
import { problemOfStageName } from '../lib/contract/stage-name.ts';

export function stageOption(): Option {
  return new Option('--stage <stage>', 'the stage to use').default(LOCAL_STAGE).argParser(stageName);
}

/** Parses the name of a stage. AWS would otherwise answer that a name in a call is invalid, or that there is no such stage. */
function stageName(text: string): string {
  const problem = problemOfStageName(text);
  if (problem !== undefined) throw new InvalidArgumentError(`${problem[0]?.toUpperCase()}${problem.slice(1)}`);
  return text;
}

export function regionOption(): Option {
  return new Option(
    '--region <region>',
    'the region of the stage (default: the region of the local stack, or of the AWS environment)',
  );
}

export function defaultRegionOption(): Option {
  return new Option(
    '--default-region <region>',
    "the region of rooms whose request names none: the stage's parameter defaultRegion (default: the stage's region)",
  ).choices(REGIONS);
}

export function encodingOption(): Option {
  return new Option(
    '--encoding <name>',
    'the encoding of the file, such as windows-1252 (default: UTF-8, or UTF-16 if detected)',
  );
}

export function literalOption(): Option {
  return new Option('--literal', 'accept CSV cells such as NULL, N/A and 1.23E+12 as text');
}

/** Parses the argument of an option. @throws InvalidArgumentError, which commander explains */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return value;
}

/** Like `positiveInteger`, but also accepts fractions. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number above zero.');
  return value;
}

const UNITS_MS = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** Parses a length of time such as `90s`, `30m`, `2h` or `1d`. @returns milliseconds @throws InvalidArgumentError */
export function timeSpanMs(text: string): number {
  const [, amount = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ms = Number(amount) * (UNITS_MS.get(unit) ?? 0);
  if (!(ms > 0)) throw new InvalidArgumentError('It must be a number with a unit, such as 90s, 30m, 2h or 1d.');
  return ms;
}
