import { type Command, InvalidArgumentError, Option } from 'commander';
import * as z from 'zod';
import type { CliContext } from './cli-context.ts';
import { printError } from './end-process.ts';

const EXAMPLES = `
Examples:
  $ greenroom dev                       run the stack until Ctrl-C
  $ greenroom dev -- npm test           run the tests of your project against
                                        the stack, and end with their exit code
  $ greenroom dev --faults --seed 7 -- node test.js

The stack runs all of greenroom on this machine: the packaged functions, and
emulators of the AWS services. It needs no AWS account, and listens only on
127.0.0.1. While it runs, all greenroom commands in this directory and below
find it, and so do programs with createGreenroom({ stage: 'local' }).

The command after -- starts when the stack is ready. Its environment contains
the variables that greenroom env prints. The stack ends with the command.

Exit codes: that of the command; without a command, 0 after Ctrl-C. 1 if the
stack or the command cannot be started, and 2 for wrong options. 130 if Ctrl-C
interrupts the command.`;

const optionsSchema = z.object({
  port: z.int().exactOptional(),
  data: z.string().exactOptional(),
  faults: z.boolean().default(false),
  seed: z.int(),
  schedules: z.union([z.enum(['declared', 'off']), z.int()]),
});

export function defineCommand(command: Command, context: CliContext): void {
  command
    .argument('[command...]', 'a program and its arguments, after --')
    .option('--port <n>', 'the port of the endpoint of all services (default: a free port)', port)
    .option('--data <dir>', 'keep all data in the directory, and continue with the data in it (default: in memory)')
    .option('--faults', 'simulate faults: duplicates, lost responses, errors, late schedules and late indexes')
    .addOption(
      new Option('--seed <n>', 'the seed for the order of messages and for the faults').argParser(seed).default(1),
    )
    .addOption(
      new Option(
        '--schedules <rate>',
        'run scheduled functions, such as releases, every so many seconds; "declared": as on AWS; "off": never',
      )
        .argParser(scheduleRate)
        .default(15),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (words: string[], options: unknown) => {
      await run(words, optionsSchema.parse(options), context);
    });
}

async function run(
  command: readonly string[],
  { port, data, faults, seed, schedules }: z.infer<typeof optionsSchema>,
  context: CliContext,
): Promise<void> {
  if (command.length === 0) context.endsByInterruption();
  const { dev } = await import('../local/dev/dev.ts');
  const options = {
    command,
    faults,
    seed,
    schedules: typeof schedules === 'number' ? { atLeastEveryMs: schedules * 1000 } : schedules,
    ...(port !== undefined && { port }),
    ...(data !== undefined && { dataDir: data }),
  };
  const result = await dev(options, context);
  if (result.kind === 'problems') for (const problem of result.problems) printError(problem, result.cause);
  process.exitCode = result.kind === 'problems' ? 1 : result.exitCode;
}

function port(text: string): number {
  return wholeNumber(text, { min: 0, max: 65_535, problem: 'It must be a whole number from 0 to 65535.' });
}

function seed(text: string): number {
  return wholeNumber(text, { min: 0, problem: 'It must be a whole number of at least 0.' });
}

function scheduleRate(text: string): number | 'declared' | 'off' {
  if (text === 'declared' || text === 'off') return text;
  return wholeNumber(text, {
    min: 1,
    problem: 'It must be a whole number of seconds, at least 1, or "declared" or "off".',
  });
}

/** @throws InvalidArgumentError, which commander explains */
function wholeNumber(
  text: string,
  { min, max = Number.MAX_SAFE_INTEGER, problem }: { min: number; max?: number; problem: string },
): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isSafeInteger(value) || value < min || value > max) throw new InvalidArgumentError(problem);
  return value;
}
