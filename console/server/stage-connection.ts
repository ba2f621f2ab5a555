import type { Deployment } from '../../client/deployment.ts';
import { LOCAL_STAGE } from '../../client/local-stage.ts';
import { UserError } from '../../client/user-error.ts';

/** The stage that the console shows. */
export interface StageConnection {
  /**
   * Runs some work on the stage. The embedded stack may have been restarted at another address, so after a failure, the next use searches
   * for it again.
   * @throws UserError if the stage cannot be found; the work's error
   */
  use<Result>(work: (deployment: Deployment) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** @param find searches for the stage */
export function connectStage(find: () => Promise<Deployment>): StageConnection {
  let found: Promise<Deployment> | undefined;

  async function forget(failed: Promise<Deployment>): Promise<void> {
    if (found === failed) found = undefined;
    const deployment = await failed.catch(() => undefined);
    // A deployed stage keeps its address, and its clients repair their connections themselves.
    if (deployment !== undefined && deployment.stage !== LOCAL_STAGE && found === undefined) found = failed;
    else deployment?.close();
  }

  return {
    async use(work) {
      found ??= find();
      const used = found;
      let isFound = false;
      try {
        const deployment = await used;
        isFound = true;
        return await work(deployment);
      } catch (error) {
        // The stage has answered, for example that there is no such room. Closing its clients would interrupt the other calls.
        if (!(isFound && error instanceof UserError)) await forget(used);
        throw error;
      }
    },
    async close() {
      (await found?.catch(() => undefined))?.close();
    },
  };
}
