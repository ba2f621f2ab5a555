import { parseArgs } from 'node:util';
import * as z from 'zod';
import { SCENARIOS } from './scenarios.ts';

export interface BenchOptions {
  /** The scenarios to run, in their order. */
  names: readonly string[];
  seeds: number;
  rooms?: number;
  /** Where to write all figures. */
  json?: string;
  quick: boolean;
  build: boolean;
}

/** `pace` runs the scenarios that it names, or all of them. The other commands are scenarios themselves. */
const COMMANDS = ['pace', 'simulation', 'costs', 'season', 'due', 'floor', 'client', 'cli', 'growth'];
const names = SCENARIOS.map(({ name }) => name);

export const HELP = `Measures how greenroom keeps the pace, on the embedded stack, and compares each figure with its bound.

Usage: npm run bench -- pace [NAME…] [OPTIONS]
       npm run bench -- simulation [OPTIONS]
       npm run bench -- costs [OPTIONS]
       npm run bench -- season [OPTIONS]
       npm run bench -- due [OPTIONS]
       npm run bench -- floor [OPTIONS]
       npm run bench -- client [OPTIONS]
       npm run bench -- cli [OPTIONS]
       npm run bench -- growth [OPTIONS]

${SCENARIOS.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join('\n')}

  --only NAME…   run these scenarios instead of all; may also be given after "pace"
  --seeds N      how many times each scenario that depends on chance is run (default: 5)
  --rooms N      replaces each scenario's own number of rooms for a quick run, in which the bounds are not meaningful
  --quick        for floor: only the ratios, in less than a minute, beside those of the last full run; for cli: fewer
                 rounds; for growth: no sizes that take long
  --json FILE    write all figures to FILE
  --no-build     run the existing package instead of building it again
  --help         this text

The exit code is 0 if every bound holds, 1 if one is missed or a run fails, 2 for wrong arguments, and 130 after Ctrl-C.
All scenarios together take about 100 minutes. Nothing else should run on the machine during this time.
`;

const wholeNumber = z.coerce
  .number({ error: 'must be a number' })
  .int('must be a whole number')
  .min(1, 'must be at least 1');

const optionsSchema = z.object({
  seeds: wholeNumber.default(5),
  rooms: wholeNumber.min(2, 'must be at least 2').exactOptional(),
  json: z.string().exactOptional(),
  quick: z.boolean().default(false),
  'no-build': z.boolean().default(false),
});

/**
 * @returns `help` if help is requested
 * @throws Error with a one-line message that names all problems
 */
export function parseOptions(args: string[]): BenchOptions | 'help' {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      seeds: { type: 'string' },
      rooms: { type: 'string' },
      json: { type: 'string' },
      quick: { type: 'boolean' },
      'no-build': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const parsed = optionsSchema.safeParse(values);
  if (!parsed.success)
    throw new Error(parsed.error.issues.map(({ path, message }) => `--${path.join('.')} ${message}`).join('; '));
  const { 'no-build': noBuild, ...options } = parsed.data;
  const [command, ...rest] = positionals;
  const wanted = [...values.only.flatMap((each) => each.split(',')), ...rest];
  return { ...options, names: namesFor(command, wanted), build: !noBuild };
}

function namesFor(command: string | undefined, wanted: readonly string[]): readonly string[] {
  if (command === undefined || !COMMANDS.includes(command)) throw new Error(`Name what to run: ${COMMANDS.join(', ')}`);
  if (command !== 'pace') return [command];
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`There is no scenario ${unknown.join(', ')}: use ${names.join(', ')}`);
  return wanted.length === 0 ? names : names.filter((name) => wanted.includes(name));
}
