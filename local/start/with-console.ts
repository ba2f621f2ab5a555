import { connectLocally } from '../../client/deployment.ts';
import { printLines } from '../../client/fit-line.ts';
import { startConsole } from '../../console/server/console-server.ts';
import { regionNamed } from '../../lib/contract/regions.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import type { UserStack } from './with-stack.ts';

/** Opens the console of a stack on a free port, prints its address, and closes it when `use` has ended. */
export async function withConsole<Result>({ stack }: UserStack, use: () => Promise<Result>): Promise<Result> {
  const { endpoint, outputs } = stack;
  const region = regionNamed(stack.region);
  if (region === undefined) throw new Error(`IVS Chat does not exist in ${stack.region}`);
  const findDeployment = async () => connectLocally({ endpoint, region, outputs });
  const webConsole = await startConsole({ findDeployment, port: 0, clock: systemClock, followsAtOnce: true });
  try {
    printLines([`The console is at ${webConsole.address}`]);
    return await use();
  } finally {
    await webConsole.close();
  }
}
