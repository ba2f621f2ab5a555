import { once } from 'node:events';
import { type Command, InvalidArgumentError, Option } from 'commander';
import * as z from 'zod';
import type { Deployment } from '../client/deployment.ts';
import { printLines } from '../client/fit-line.ts';
import { LOCAL_STAGE } from '../client/local-stage.ts';
import { startConsole } from '../console/server/console-server.ts';
import { REGIONS } from '../lib/contract/regions.ts';
import type { CliContext } from './cli-context.ts';
import { defaultRegionOption, regionOption, stageOption } from './options.ts';

const EXAMPLES = `
Examples:
  $ greenroom console                   show the local stack
  $ greenroom console --stage prod      show a deployed stage, with your own
                                        permissions
  $ greenroom console --port 4646       always use the same port

The console listens on 127.0.0.1 only. The printed address contains a token that
works once: the browser exchanges it for a cookie, so open the address in the
browser that you want to use. For a second browser, start a second console.

While a browser shows the page, it reads the load every two seconds, as
greenroom top does. The console receives the completions through a temporary
queue, as greenroom watch does. With the local stack, it subscribes at once.
With a deployed stage, it subscribes when a browser first shows the page. It
keeps the queue until Ctrl-C ends the console, even while no browser shows the
page.`;

const optionsSchema = z.object({
  stage: z.string(),
  region: z.string().exactOptional(),
  defaultRegion: z.enum(REGIONS).exactOptional(),
  port: z.number(),
});

export function defineCommand(command: Command, context: CliContext): void {
  command
    .addOption(stageOption())
    .addOption(regionOption())
    .addOption(defaultRegionOption())
    .addOption(
      new Option('--port <number>', 'the port of the console (0: a free one)').argParser(portNumber).default(0),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (options: unknown) => {
      await openConsole(optionsSchema.parse(options), context);
    });
}

/** @throws UserError if the stage cannot be found, or the port cannot be used */
async function openConsole({ port, ...wanted }: z.infer<typeof optionsSchema>, context: CliContext): Promise<void> {
  const { clock, signal, note } = context;
  const findDeployment = () => context.findDeployment(wanted);
  await checkStage(findDeployment);
  // Only the search for the stage can be interrupted. After that, Ctrl-C is the normal way to end the console.
  context.endsByInterruption();
  const followsAtOnce = wanted.stage === LOCAL_STAGE;
  const running = await startConsole({ findDeployment, port, clock, followsAtOnce });
  try {
    printLines([running.address]);
    note(`The console of stage ${wanted.stage} is at this address, which works once. Ctrl-C ends the console.`);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await running.close();
  }
}

/**
 * Ensures that a wrong name or missing credentials are reported here instead of in the page.
 * @throws QueueDoesNotExist, or the SDK's error
 */
async function checkStage(findDeployment: () => Promise<Deployment>): Promise<void> {
  const deployment = await findDeployment();
  try {
    await deployment.queueUrl('interactive');
  } finally {
    deployment.close();
  }
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535 || text.trim() === '')
    throw new InvalidArgumentError('It must be a whole number from 0 to 65535.');
  return port;
}
