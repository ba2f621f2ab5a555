import { resolve } from 'node:path';
import { connectLocally, type Deployment } from '../../client/deployment.ts';
import { UserError } from '../../client/user-error.ts';
import { type RunningConsole, startConsole } from '../../console/server/console-server.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { templateFile } from '../../local/start/make-package.ts';

/** A calm embedded stack with a console. */
export interface ConsoleStack {
  stack: Stack;
  deployment: Deployment;
  console: RunningConsole;
  /** The address of the console without a path: `http://127.0.0.1:4646`. */
  origin: string;
  /** Ends the stack. The console continues to run. */
  killStack(): Promise<void>;
  /** Starts another stack with empty tables and queues at another address. The console then finds this stack. */
  startOtherStack(): Promise<void>;
  close(): Promise<void>;
}

export async function startConsoleStack(): Promise<ConsoleStack> {
  const first = await startConnected();
  let connected: typeof first | undefined = first;
  const killStack = async () => {
    const ended = connected;
    connected = undefined;
    ended?.deployment.close();
    await ended?.stack.stop();
  };
  const running = await startConsole({
    findDeployment: async () => {
      if (connected === undefined) throw new UserError('No stack is running here');
      return connected.connect();
    },
    port: 0,
    clock: systemClock,
    followsAtOnce: true,
  });
  return {
    ...{ stack: first.stack, deployment: first.deployment },
    ...{ console: running, origin: new URL(running.address).origin, killStack },
    async startOtherStack() {
      connected = await startConnected();
    },
    async close() {
      await running.close();
      await killStack();
    },
  };
}

async function startConnected() {
  const stack = await startStack({ templateFile: templateFile(resolve()), seed: 1, calm: true, isolation: 'thread' });
  const connect = () => connectLocally({ endpoint: stack.endpoint, region: 'eu-west-1' });
  return { stack, connect, deployment: connect() };
}
