import { resolve } from 'node:path';
import { connectLocally, type Deployment } from '../../client/deployment.ts';
import { type RunningConsole, startConsole } from '../../console/server/console-server.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { templateFile } from '../../local/start/make-package.ts';

/** A calm embedded stack and its console, whose token has not been exchanged yet. */
export interface ConsoleStack {
  stack: Stack;
  /** For the tests themselves. The console has its own connection. */
  deployment: Deployment;
  console: RunningConsole;
  /** The address of the console without a path: `http://127.0.0.1:4646`. */
  origin: string;
  close(): Promise<void>;
}

export async function startConsoleStack(): Promise<ConsoleStack> {
  const stack = await startStack({ templateFile: templateFile(resolve()), seed: 1, calm: true, isolation: 'thread' });
  const { endpoint } = stack;
  const connected = () => connectLocally({ endpoint, region: 'eu-west-1' });
  const deployment = connected();
  const running = await startConsole({
    findDeployment: async () => connected(),
    port: 0,
    clock: systemClock,
    followsAtOnce: true,
  });
  return {
    ...{ stack, deployment, console: running, origin: new URL(running.address).origin },
    async close() {
      await running.close();
      deployment.close();
      await stack.stop();
    },
  };
}
