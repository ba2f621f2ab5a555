import { watchForInterruption } from '../client/interruption.ts';
import { LOCAL_STAGE } from '../client/local-stage.ts';
import { systemClock } from '../lib/platform/clock.ts';
import type { CliDependencies } from './cli-context.ts';
import { endAfterInterruption, reportInterruption, reportUncaughtErrors } from './end-process.ts';
import { runCli } from './run-cli.ts';

/** Runs a command line, and sets the exit code of the process. @param args without the names of the program and of Node */
export async function main(args: readonly string[]): Promise<void> {
  reportUncaughtErrors();
  const signal = watchForInterruption();
  endAfterInterruption(signal);
  const findDeployment: CliDependencies['findDeployment'] = async (wanted, { note, trace }) => {
    const client = await import('../client/deployment.ts');
    const { createCallGuard } = await import('../client/calls/call-guard.ts');
    // The settings of the environment are for AWS, so the local stage, which is on this machine, ignores them.
    const environment = wanted.stage === LOCAL_STAGE ? {} : process.env;
    const calls = createCallGuard({ signal, onSlow: note, onCall: trace, environment });
    return client.findDeployment(wanted, { note, calls });
  };
  await runCli(args, { signal, clock: systemClock, findDeployment });
  // After an interruption, a request whose response is no longer needed would keep the process alive.
  if (signal.aborted) process.exit();
  // Node may report that the output cannot be written after the command has ended.
  signal.addEventListener('abort', () => {
    reportInterruption(undefined, signal);
    process.exit();
  });
}
