import { once } from 'node:events';
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Deployment } from '../../client/deployment.ts';
import { UserError } from '../../client/user-error.ts';
import type { Clock } from '../../lib/platform/clock.ts';
import { createAccess } from './access.ts';
import { createApp } from './app.ts';
import { createLoadHistory } from './load-history.ts';
import { readPageFiles } from './page-files.ts';
import { createParkedDesk } from './parked-desk.ts';
import { createPublishedEvents } from './published-events.ts';
import { connectStage } from './stage-connection.ts';

const LOOPBACK = '127.0.0.1';

export interface ConsoleSettings {
  /** Searches for the stage. It is called again after the embedded stack has ended. */
  findDeployment(): Promise<Deployment>;
  /** The port to listen on; 0: any free port. */
  port: number;
  clock: Clock;
  /** Whether to receive the published events from the start, instead of from the first visit of the page. On AWS, this causes calls. */
  followsAtOnce: boolean;
}

export interface RunningConsole {
  /** The address with the token. It works once. */
  address: string;
  /** Ends the console, removes its temporary queue, and makes the parked messages that it is reading visible again. */
  close(): Promise<void>;
}

/**
 * Starts the console on loopback. Unless `followsAtOnce` is set, it makes no calls before a page is opened.
 * @throws UserError if the port cannot be used
 */
export async function startConsole({
  findDeployment,
  port: wanted,
  clock,
  followsAtOnce,
}: ConsoleSettings): Promise<RunningConsole> {
  const access = createAccess();
  const stage = connectStage(findDeployment);
  const ended = new AbortController();
  const context = { stage, clock, signal: ended.signal };
  const history = createLoadHistory(context);
  const published = createPublishedEvents(context);
  const parked = createParkedDesk(context);
  let port = wanted;
  const app = createApp({ ...context, history, published, parked, access, files: readPageFiles(), port: () => port });
  const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  port = await listen(server, wanted);
  // A console that cannot listen must not leave a temporary queue behind.
  if (followsAtOnce) published.follow();
  return {
    address: `http://${LOOPBACK}:${port}/?token=${access.token}`,
    async close() {
      ended.abort();
      server.close();
      server.closeAllConnections();
      await Promise.all([published.ended(), parked.ended()]);
      await stage.close();
    },
  };
}

async function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  server.listen(port, LOOPBACK);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new UserError(`Port ${port} cannot be used: choose another one with --port`, { cause: error });
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The console has no port');
  return address.port;
}
