import { type CompletionFeed, type FeedSettings, withCompletionFeed } from '../client/completion-feed.ts';
import { printable } from '../client/completion-line.ts';
import type { Deployment } from '../client/deployment.ts';
import { printLines, printNotes } from '../client/fit-line.ts';
import type { PreparedRelease } from '../client/operate/release/plan-release.ts';
import { releaseLine } from '../client/release-line.ts';
import { typed } from '../client/typed-command.ts';
import { UserError } from '../client/user-error.ts';
import type { ReleaseEvent } from '../lib/contract/release-event.ts';
import type { CliContext } from './cli-context.ts';
import { counted } from './print/bulk-lines.ts';
import { startTimeout } from './timeout.ts';

/** The maximum number of commands without an answer that are named. */
const MAX_NAMED = 20;

export interface AwaitSettings extends Pick<CliContext, 'signal' | 'clock' | 'note'> {
  timeoutSeconds: number;
  json: boolean;
  /** The time of the commands, in epoch milliseconds. Events about other commands for the same keys are not their answers. */
  wishedAtMs: number;
}

/**
 * Sends commands, and prints the answer to each of them as it arrives.
 * @param send sends the commands, after the queue for the answers exists, and returns how many were sent
 * @returns whether all were sent, and all apply: none was refused, and none is superseded by a later wish
 * @throws UserError that names the keys without an answer, if they do not arrive in time or the user interrupts
 */
export async function sendAndAwait(
  deployment: Deployment,
  commands: readonly PreparedRelease[],
  send: () => Promise<number>,
  settings: AwaitSettings,
): Promise<{ count: number; doAllApply: boolean }> {
  const answers = collectAnswers(commands, settings);
  const onUnreadable = (problem: string) =>
    printNotes([printable(`Skipped a message that cannot be read: ${problem}`)]);
  const feedSettings: FeedSettings = { onUnreadable, onReleaseEvent: answers.note };
  return await withCompletionFeed(deployment, feedSettings, async (feed) => {
    const count = await send();
    if (count === commands.length) await receive(feed, answers.complete, settings);
    settings.note(answers.summary());
    const open = answers.open();
    if (open.length > 0) throw withoutAnswer(open, settings);
    return { count, doAllApply: answers.doAllApply() };
  });
}

/** Receives until all answers have arrived, the time limit is reached, or the user interrupts. */
async function receive(
  feed: CompletionFeed,
  complete: AbortSignal,
  { timeoutSeconds, clock, signal }: AwaitSettings,
): Promise<void> {
  const timeout = startTimeout(timeoutSeconds, clock);
  try {
    const completions = feed.completions(AbortSignal.any([signal, timeout.ended, complete]));
    // Completions are not answers. The feed passes the events about releases to its settings.
    for await (const _ of completions) if (complete.aborted) break;
  } finally {
    timeout.stop();
  }
}

function collectAnswers(commands: readonly PreparedRelease[], { wishedAtMs, json }: AwaitSettings) {
  const wishedAt = new Date(wishedAtMs).toISOString();
  const open = new Set(commands.map(({ key }) => key));
  const completing = new AbortController();
  let applying = 0;
  return {
    complete: completing.signal,
    note(event: ReleaseEvent): void {
      const { subject, data } = event;
      if (data.outcome === 'released' || data.wishedAt !== wishedAt || !open.delete(subject)) return;
      if (data.outcome === 'release-scheduled' && !data.superseded) applying += 1;
      if (json) console.log(JSON.stringify(event));
      else printLines([releaseLine(event)]);
      if (open.size === 0) completing.abort();
    },
    open: () => [...open],
    doAllApply: () => applying === commands.length,
    summary: () =>
      `${applying} of ${counted(commands.length, 'command')} ${commands.length === 1 ? 'applies' : 'apply'}.`,
  };
}

function withoutAnswer(keys: readonly string[], { signal, timeoutSeconds }: AwaitSettings): UserError {
  const named = keys.slice(0, MAX_NAMED);
  if (keys.length > MAX_NAMED) named.push(`and ${keys.length - MAX_NAMED} more`);
  const why = signal.aborted ? 'Interrupted' : `Not done within ${timeoutSeconds} seconds`;
  const hint = `The commands are in the queue. To see the rooms: ${typed('release … --dry-run')}`;
  return new UserError(`${why}: no answer for ${named.join(', ')}. ${hint}`);
}
