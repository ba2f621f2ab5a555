import * as z from 'zod';
import type { Deployment } from '../../client/deployment.ts';
import { LOCAL_STAGE } from '../../client/local-stage.ts';
import { UserError } from '../../client/user-error.ts';

/** The stage that the console shows. */
export interface StageConnection {
  /**
   * Runs some work on the stage. The embedded stack may have been restarted at another address, so after a failure, the next use searches
   * for it again. Work that is already running keeps its connection until it ends.
   * @throws UserError if the stage cannot be found; the work's error
   */
  use<Result>(work: (deployment: Deployment) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

interface Connection {
  deployment: Promise<Deployment>;
  uses: number;
}

/** @param find searches for the stage */
export function connectStage(find: () => Promise<Deployment>): StageConnection {
  let current: Connection | undefined;

  async function end(connection: Connection, error?: unknown): Promise<void> {
    connection.uses -= 1;
    const deployment = await connection.deployment.catch(() => undefined);
    if (current === connection && mayHaveMoved(deployment, error)) current = undefined;
    if (current !== connection && connection.uses === 0) deployment?.close();
  }

  return {
    async use(work) {
      current ??= { deployment: find(), uses: 0 };
      const used = current;
      used.uses += 1;
      try {
        const result = await work(await used.deployment);
        await end(used);
        return result;
      } catch (error) {
        await end(used, error);
        throw error;
      }
    },
    async close() {
      (await current?.deployment.catch(() => undefined))?.close();
    },
  };
}

/**
 * A deployed stage keeps its address, and its clients repair their connections themselves. A mistake of the user, for example the name of a
 * room that does not exist, says nothing about the stage.
 */
function mayHaveMoved(deployment: Deployment | undefined, error: unknown): boolean {
  if (deployment === undefined) return true;
  const isMistake = error === undefined || error instanceof UserError || error instanceof z.ZodError;
  return !isMistake && deployment.stage === LOCAL_STAGE;
}
