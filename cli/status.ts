import type { Command } from 'commander';
import * as z from 'zod';
import { type Deployment, findDeployment } from '../client/deployment.ts';
import type { ParkedMessage } from '../client/operate/parked-message.ts';
import { readRequestStatus } from '../client/operate/request-status.ts';
import { lookAtParked, unseenText } from './look-at-parked.ts';
import { regionOption, stageOption } from './options.ts';
import { parkedLine } from './print/parked-line.ts';
import { statusJson, statusLines } from './print/status-lines.ts';

const EXAMPLES = `
Examples:
  $ greenroom status final-2026/main-chat                       what the ledger knows about this request
  $ greenroom status final-2026/main-chat --parked              also whether it waits in the parked queue
  $ greenroom status final-2026/main-chat --json | jq .state    in-progress, decided, completed, damaged or unknown

The ledger stores the present state of a key, not its history: unknown times are shown as "-".
The exit code is 0 if the key is known, otherwise 1.`;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  parked: z.boolean().default(false),
  json: z.boolean().default(false),
});

type Options = z.infer<typeof optionsSchema>;

export function addStatusCommand(program: Command, signal: AbortSignal): void {
  program
    .command('status')
    .description('show the state of a request')
    .argument('<key>', 'its idempotency key')
    .addOption(stageOption())
    .addOption(regionOption())
    .option('--parked', 'also look for it in the parked queue')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (key: string, options: unknown) => {
      if (!(await status(key, optionsSchema.parse(options), signal))) process.exitCode = 1;
    });
}

/** @returns whether the key is known */
async function status(key: string, options: Options, signal: AbortSignal): Promise<boolean> {
  const deployment = await findDeployment(options);
  try {
    const known = await readRequestStatus(deployment, key);
    const parked = options.parked ? await findParked(deployment, key, signal) : undefined;
    if (options.json) {
      const json = { ...statusJson(key, known), ...(parked && { parked: parked.map(({ body: _, ...rest }) => rest) }) };
      console.log(JSON.stringify(json));
    } else {
      for (const line of statusLines(key, known, Date.now())) console.log(line);
      for (const message of parked ?? []) console.log(`parked: ${parkedLine(message, deployment.stage)}`);
      if (parked?.length === 0) console.log('not seen in the parked queue');
    }
    return known.kind !== 'unknown' || (parked ?? []).length > 0;
  } finally {
    deployment.close();
  }
}

async function findParked(deployment: Deployment, key: string, signal: AbortSignal): Promise<ParkedMessage[]> {
  const found: ParkedMessage[] = [];
  const unseenCount = await lookAtParked(deployment, signal, (parked) => {
    if (parked.idempotencyKey === key) found.push(parked);
  });
  if (unseenCount > 0) console.error(unseenText(unseenCount));
  return found;
}
