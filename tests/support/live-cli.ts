import type { LiveEventsWorld } from '../../bench/live-events/world.ts';
import { type CommandRun, runInProcess } from './run-in-process.ts';
import { testDeployment } from './test-deployment.ts';

/**
 * The command line in this process, on the handlers of a world of live events. While a command waits, time passes in the world, and the
 * handlers receive the messages that are due.
 */
export function createLiveCli(world: LiveEventsWorld) {
  /** @param interruptAfter the number of waits after which the user presses Ctrl-C */
  return (args: readonly string[], { interruptAfter = Number.POSITIVE_INFINITY } = {}): Promise<CommandRun> => {
    const interruption = new AbortController();
    let waits = 0;
    const clock = {
      nowMs: world.clock.nowMs,
      async sleep(ms: number, signal: AbortSignal) {
        await world.runUntil(world.clock.nowMs() + ms);
        waits += 1;
        if (waits >= interruptAfter) interruption.abort();
        signal.throwIfAborted();
      },
    };
    return runInProcess(args, {
      signal: interruption.signal,
      clock,
      findDeployment: async () => testDeployment(world.clients),
    });
  };
}
