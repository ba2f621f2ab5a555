import type { LiveEventsWorld } from '../../bench/live-events/world.ts';
import type { Deployment } from '../../client/deployment.ts';
import { type CommandRun, runInProcess } from './run-in-process.ts';

const notPart = (what: string) => () => {
  throw new Error(`The world of live events has no ${what}`);
};

/** The world as a stage of the command line. */
function stageOf({ clients }: LiveEventsWorld): Deployment {
  return {
    stage: 'test',
    region: 'eu-west-1',
    defaultRegion: () => 'eu-west-1',
    ...clients,
    ivsChat: notPart('IVS Chat'),
    ledgerTable: 'ledger',
    paceTable: 'pace',
    rosterTable: 'rosters',
    queueUrl: async (queue) => `https://sqs.eu-west-1.amazonaws.com/000000000000/${queue}`,
    completionTopicArn: notPart('topic for commands'),
    manifestBucket: notPart('bucket for commands'),
    clientSettings: {},
    guard: (client) => client,
    close: () => undefined,
  };
}

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
    return runInProcess(args, { signal: interruption.signal, clock, findDeployment: async () => stageOf(world) });
  };
}
