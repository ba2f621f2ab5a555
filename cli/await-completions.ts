import type { CompletionFeed } from '../client/completion-feed.ts';
import { printable } from '../client/completion-line.ts';
import { createOpenRequests, type OpenRequests } from '../client/open-requests.ts';
import type { RequestStatus } from '../client/operate/request-status.ts';
import type { PreparedRequest } from '../client/prepared-request.ts';
import { typed } from '../client/typed-command.ts';
import { UserError } from '../client/user-error.ts';
import type { CliContext } from './cli-context.ts';
import { type Output, printAnswers } from './print/answers.ts';
import { counted } from './print/bulk-lines.ts';
import { quoteFor } from './print/export-lines.ts';
import { progressText } from './print/status-lines.ts';
import { openProgress, type Progress } from './progress.ts';
import { tellWaits } from './tell-waits.ts';
import { startTimeout } from './timeout.ts';

/** The maximum number of requests without a completion that are named. */
const MAX_NAMED = 20;

export interface AwaitSettings extends Pick<CliContext, 'signal' | 'clock' | 'note' | 'isQuiet'> {
  output: Output;
  /** When the first request was sent, on AWS's clocks. */
  sentFromMs: () => number;
  timeoutSeconds: number;
  /** Reads what the ledger knows about the request with a key. */
  statusOf: (idempotencyKey: string) => Promise<RequestStatus>;
}

/**
 * Prints the completion of each request as it arrives, or the ARNs of the rooms at the end. During a long wait, shows what the first open
 * request waits for.
 * @returns whether every request has a room. A room of an earlier request with the same key counts
 * @throws UserError naming the requests without a completion, if they do not arrive in time or the user interrupts
 */
export async function awaitCompletions(
  feed: CompletionFeed,
  requests: PreparedRequest[],
  settings: AwaitSettings,
): Promise<boolean> {
  const open = createOpenRequests();
  for (const request of requests) open.add(request);
  const answers = printAnswers(requests, settings);
  if (open.size > 0) {
    const progress = openProgress(settings);
    for await (const completion of untilTimeout(feed, open, progress, settings)) {
      const request = open.close(completion);
      if (request === undefined) continue;
      progress.end();
      answers.note(request, completion);
      if (open.size === 0) break;
    }
  }
  answers.end();
  settings.note(answers.summary(open.size));
  if (open.size > 0) throw withoutCompletion(open.list(), settings);
  return answers.failedCount === 0;
}

/** The completions of the feed until the time limit. Meanwhile, the progress shows what the first open request waits for. */
async function* untilTimeout(
  feed: CompletionFeed,
  open: OpenRequests,
  progress: Progress,
  { timeoutSeconds, clock, signal, statusOf }: AwaitSettings,
) {
  const timeout = startTimeout(timeoutSeconds, clock);
  const over = new AbortController();
  const ended = AbortSignal.any([signal, timeout.ended]);
  const textNow = () => waitText(open, statusOf, clock.nowMs());
  // This call is not awaited, because a slow call must not delay the command.
  void tellWaits(textNow, (text) => progress.show(() => text), {
    clock,
    signal: AbortSignal.any([ended, over.signal]),
  });
  try {
    for await (const { completion } of feed.completions(ended)) yield completion;
  } finally {
    timeout.stop();
    over.abort();
    progress.end();
  }
}

/** The reason why the first open request waits, in the words of `greenroom status`. @returns undefined if no open request has a readable key */
async function waitText(
  open: OpenRequests,
  statusOf: AwaitSettings['statusOf'],
  nowMs: number,
): Promise<string | undefined> {
  const key = open.list().find(({ idempotencyKey }) => idempotencyKey !== undefined)?.idempotencyKey;
  if (key === undefined) return undefined;
  const others = open.size > 1 ? `${counted(open.size, 'request')} without an outcome; ` : '';
  return printable(`${others}${key}: ${causeText(await statusOf(key), nowMs)}`);
}

function causeText(status: RequestStatus, nowMs: number): string {
  if (status.kind === 'damaged') return 'its ledger item is damaged, so its requests are parked';
  if (status.kind === 'known' && status.item.decision !== undefined)
    return 'decided, but its completion has not arrived yet';
  return progressText(status, nowMs);
}

function withoutCompletion(open: readonly PreparedRequest[], { signal, timeoutSeconds }: AwaitSettings): UserError {
  const names = open
    .slice(0, MAX_NAMED)
    .map(({ name, idempotencyKey = 'no readable key' }) => `${name} (${idempotencyKey})`);
  if (open.length > MAX_NAMED) names.push(`and ${open.length - MAX_NAMED} more`);
  const why = signal.aborted ? 'Interrupted' : `Not done within ${timeoutSeconds} seconds`;
  return new UserError(`${why}: no completion for ${names.join(', ')}. ${hintFor(open)}`);
}

/** `watch` shows only completions that are published after it starts. `status` also shows those that have arrived in the meantime. */
function hintFor(open: readonly PreparedRequest[]): string {
  const [key, ...others] = new Set(open.map(({ idempotencyKey }) => idempotencyKey));
  if (key === undefined || others.length > 0) return `To follow the requests: ${typed('watch')}`;
  return `To wait for it again: ${typed(`status ${/^[\w./:@][\w./:@-]*$/.test(key) ? key : quoteFor('bash')(key)} --wait`)}`;
}
