import { parseArgs } from 'node:util';
import * as z from 'zod';
import type { ScheduleRates } from '../scheduled-rules.ts';

export interface StartOptions {
  once: boolean;
  /** Default: the sample programme. */
  file?: string;
  seed: number;
  calm: boolean;
  dataDir?: string;
  /** Default: a free port. */
  port?: number;
  isolate: 'thread' | 'process';
  build: boolean;
  enforcePolicies: boolean;
  schedules: ScheduleRates;
}

export const HELP = `Runs the whole service on this machine, sends it a programme of 60 room requests
and shows their outcomes.

Usage: npm start [-- OPTIONS]

  --once              end when every request has its outcome, or after 120
                      seconds. The exit code is 0 if each line of the programme
                      has its expected outcome (for another file: if each has
                      an outcome) and no key has two rooms, otherwise 1
  --file FILE         send these requests instead of the programme: NDJSON or a
                      JSON document
  --seed N            the seed for the order of messages and for the faults
                      (default: 1)
  --calm              switch off all faults: no duplicate messages, no lost
                      responses, no late schedules
  --data DIR          keep all data in DIR, and continue with the data in it
                      (default: in memory)
  --port N            the port of the endpoint of all services (default: a free
                      port)
  --isolate KIND      run each function in a "thread" (default) or a "process"
  --schedules RATE    run scheduled functions, such as the sweep, every RATE
                      seconds, unless their own rates are higher (default: 15).
                      "declared": at the rates of the template. "off": never
  --enforce-policies  refuse calls that the template's roles and policies do not
                      permit, as AWS does
  --no-build          run the existing package instead of building it again
  --help              this text

Exit codes: 0 success, or Ctrl-C without --once; 1 failed; 2 usage; 130
interrupted by Ctrl-C during the build or with --once.

Examples:
  npm start
      runs until Ctrl-C; send more requests with \`npx greenroom send FILE\`
  npm start -- --once --calm
      a quick check
  npm start -- --data .greenroom/data
      kill it at any moment and start it again: nothing is lost or created twice
`;

const wholeNumber = z.coerce
  .number({ error: 'must be a number' })
  .int('must be a whole number')
  .min(0, 'must not be negative');

const SCHEDULES_PROBLEM = 'must be a whole number of seconds, at least 1, or "declared" or "off"';
const wholeSeconds = z.coerce.number(SCHEDULES_PROBLEM).int(SCHEDULES_PROBLEM).min(1, SCHEDULES_PROBLEM);

const optionsSchema = z.object({
  once: z.boolean().default(false),
  file: z.string().exactOptional(),
  seed: wholeNumber.default(1),
  calm: z.boolean().default(false),
  data: z.string().exactOptional(),
  port: wholeNumber.max(65_535, 'must be at most 65535').exactOptional(),
  isolate: z.enum(['thread', 'process'], { error: 'must be "thread" or "process"' }).default('thread'),
  'no-build': z.boolean().default(false),
  'enforce-policies': z.boolean().default(false),
  schedules: z.union([z.enum(['declared', 'off']), wholeSeconds], { error: SCHEDULES_PROBLEM }).default(15),
});

/** The options of `npm start`, except `--help`, which npm answers itself if `--` is missing. */
export const OPTION_TYPES = {
  once: { type: 'boolean' },
  file: { type: 'string' },
  seed: { type: 'string' },
  calm: { type: 'boolean' },
  data: { type: 'string' },
  port: { type: 'string' },
  isolate: { type: 'string' },
  'no-build': { type: 'boolean' },
  'enforce-policies': { type: 'boolean' },
  schedules: { type: 'string' },
} as const;

/**
 * @returns `help` if help is requested
 * @throws Error with a one-line message that names all problems
 */
export function parseOptions(args: string[]): StartOptions | 'help' {
  const { values } = parseArgs({
    // npm does not pass on the "--" of `npm start -- --once`, but pnpm does.
    args: args[0] === '--' ? args.slice(1) : args,
    options: { ...OPTION_TYPES, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return 'help';
  const parsed = optionsSchema.safeParse(values);
  if (!parsed.success)
    throw new Error(parsed.error.issues.map(({ path, message }) => `--${path.join('.')} ${message}`).join('; '));
  const { data, 'no-build': noBuild, 'enforce-policies': enforcePolicies, schedules, ...options } = parsed.data;
  return {
    ...options,
    ...(data !== undefined && { dataDir: data }),
    build: !noBuild,
    enforcePolicies,
    schedules: typeof schedules === 'number' ? { atLeastEveryMs: schedules * 1000 } : schedules,
  };
}
