import type { Deployment } from '../client/deployment.ts';
import {
  type PreparedRelease,
  type ReleaseIntent,
  type ReleasePlan,
  releaseCommandFor,
  wishTimeMs,
} from '../client/operate/release/plan-release.ts';
import { UserError } from '../client/user-error.ts';
import { KEEP_MS } from '../lib/contract/release-wish.ts';
import { sendMessages } from '../lib/platform/send-messages.ts';
import type { SharedTime } from '../lib/platform/shared-time.ts';
import { sendAndAwait } from './await-releases.ts';
import type { CliContext } from './cli-context.ts';
import { createProblemNotes } from './print/problem-tally.ts';
import { releaseJson } from './print/release-json.ts';
import { openProgress } from './progress.ts';
import type { ReleaseOptions } from './release-options.ts';

/** More commands go to the bulk lane, so that interactive requests need not wait for them. */
const MAX_INTERACTIVE = 100;

/** Sends the commands of a plan. @returns whether all were sent and, with `--wait`, apply */
export async function sendReleases(
  { plan, intent, time }: { plan: ReleasePlan; intent: ReleaseIntent; time: SharedTime },
  options: ReleaseOptions,
  deployment: Deployment,
  context: CliContext,
): Promise<boolean> {
  const wishedAtMs = wishTimeMs(plan, time.nowMs());
  const commands = plan.toSend.map((room) => releaseCommandFor(room, intent, wishedAtMs));
  const sendThem = () => send(commands, { deployment, context, isUrgent: intent.releaseAtMs === KEEP_MS });
  const { wait, timeout: timeoutSeconds, json } = options;
  const { count, doAllApply } = wait
    ? await sendAndAwait(deployment, commands, sendThem, { ...context, timeoutSeconds, json, wishedAtMs })
    : { count: await sendThem(), doAllApply: true };
  if (json) console.log(JSON.stringify(releaseJson(plan, intent, { count, wishedAtMs })));
  return count === commands.length && doAllApply;
}

/** @returns how many commands were sent @throws UserError that says so, if the user interrupts */
async function send(
  commands: readonly PreparedRelease[],
  { deployment, context, isUrgent }: { deployment: Deployment; context: CliContext; isUrgent: boolean },
): Promise<number> {
  const { clock, signal, note } = context;
  // A room can be kept only until its release is final, so these commands must not wait behind an import.
  const lane = isUrgent || commands.length <= MAX_INTERACTIVE ? 'interactive' : 'bulk';
  const settings = {
    sqs: deployment.sqs,
    queueUrl: await deployment.queueUrl(lane),
    clock,
    random: Math.random,
    signal,
  };
  const progress = openProgress(context);
  const unsent = createProblemNotes('command');
  let sent = 0;
  try {
    for await (const results of sendMessages(commands, settings)) {
      for (const { message, problem } of results)
        if (problem !== undefined) unsent.note(`The command for ${message.key} was not sent: ${problem}`, problem);
      sent += results.filter(({ problem }) => problem === undefined).length;
      if (commands.length > MAX_INTERACTIVE) progress.show(() => `${sent} of ${commands.length} commands sent`);
      signal.throwIfAborted();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new UserError(
      `Interrupted: ${sent} or a few more of ${commands.length} commands were sent. To send all of them, run the command again`,
      { cause: error },
    );
  } finally {
    progress.end();
    unsent.end();
    note(`Sent ${sent} of ${commands.length} commands to the ${lane} lane of stage ${deployment.stage}.`);
  }
  return sent;
}
