import { parseArgs } from 'node:util';
import * as z from 'zod';

export interface StartOptions {
  once: boolean;
  /** Default: the sample programme. */
  file?: string;
  seed: number;
  calm: boolean;
  dataDir?: string;
  /** Default: one that is free. */
  port?: number;
  isolate: 'thread' | 'process';
  build: boolean;
}

export const HELP = `Runs the whole service on this machine, sends it a programme of 60 room requests and shows what becomes of each.

Usage: npm start [-- OPTIONS]

  --once              end when every request has its outcome, or after 120 seconds. The exit code is 0 if each line of the
                      programme became what it should (of another file: if each has an outcome) and no key has two rooms,
                      otherwise 1
  --file FILE         send these requests instead of the programme: NDJSON or a JSON document
  --seed N            what decides the order of messages and which calls go wrong (default: 1)
  --calm              let nothing go wrong: no message twice, no lost answers, no schedule late
  --data DIR          keep everything there, and go on with what is there already (default: in memory)
  --port N            of the one endpoint of all services (default: one that is free)
  --isolate KIND      run functions in a "thread" each (default) or in a "process" each
  --no-build          run the package that is there instead of making it anew
  --help              this text

Examples:
  npm start                                   until Ctrl-C; send more meanwhile with \`npx greenroom send FILE\`
  npm start -- --once --calm                  a quick check
  npm start -- --data .greenroom/data         kill it at any moment, start it again: nothing is lost or made twice
`;

const wholeNumber = z.coerce
  .number({ error: 'must be a number' })
  .int('must be a whole number')
  .min(0, 'must not be negative');

const optionsSchema = z.object({
  once: z.boolean().default(false),
  file: z.string().exactOptional(),
  seed: wholeNumber.default(1),
  calm: z.boolean().default(false),
  data: z.string().exactOptional(),
  port: wholeNumber.max(65_535, 'must be at most 65535').exactOptional(),
  isolate: z.enum(['thread', 'process'], { error: 'must be "thread" or "process"' }).default('thread'),
  'no-build': z.boolean().default(false),
});

/**
 * @returns `help` if that is asked for
 * @throws Error with one line naming what is wrong
 */
export function parseOptions(args: string[]): StartOptions | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      once: { type: 'boolean' },
      file: { type: 'string' },
      seed: { type: 'string' },
      calm: { type: 'boolean' },
      data: { type: 'string' },
      port: { type: 'string' },
      isolate: { type: 'string' },
      'no-build': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const parsed = optionsSchema.safeParse(values);
  if (!parsed.success)
    throw new Error(parsed.error.issues.map(({ path, message }) => `--${path.join('.')} ${message}`).join('; '));
  const { data, 'no-build': noBuild, ...options } = parsed.data;
  return { ...options, ...(data !== undefined && { dataDir: data }), build: !noBuild };
}
