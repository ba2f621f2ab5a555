import type { CompletionFeed } from '../client/completion-feed.ts';
import { createOpenRequests } from '../client/open-requests.ts';
import type { PreparedRequest } from '../client/prepared-request.ts';
import { typed } from '../client/typed-command.ts';
import { UserError } from '../client/user-error.ts';
import type { Clock } from '../lib/platform/clock.ts';
import type { CliContext } from './cli-context.ts';
import { type Output, printAnswers } from './print/answers.ts';
import { startTimeout } from './timeout.ts';

/** How many of the requests without a completion are named. */
const MAX_NAMED = 20;

export interface AwaitSettings {
  output: Output;
  /** When the first request was sent, on AWS's clocks. */
  sentFromMs: () => number;
  timeoutSeconds: number;
  signal: AbortSignal;
  clock: Clock;
  note: CliContext['note'];
}

/**
 * Prints the completion of each request as it arrives, or the ARNs of the rooms at the end.
 * @returns whether every request has a room. A room of an earlier request with the same key counts
 * @throws UserError naming the requests without a completion, if they do not arrive in time or the user interrupts
 */
export async function awaitCompletions(
  feed: CompletionFeed,
  requests: PreparedRequest[],
  { timeoutSeconds, signal, clock, note, ...printing }: AwaitSettings,
): Promise<boolean> {
  const open = createOpenRequests();
  for (const request of requests) open.add(request);
  const answers = printAnswers(requests, printing);
  if (open.size > 0) {
    const timeout = startTimeout(timeoutSeconds, clock);
    try {
      for await (const { completion } of feed.completions(AbortSignal.any([signal, timeout.ended]))) {
        const request = open.close(completion);
        if (request === undefined) continue;
        answers.note(request, completion);
        if (open.size === 0) break;
      }
    } finally {
      timeout.stop();
    }
  }
  answers.end();
  note(answers.summary(open.size));
  if (open.size > 0) {
    const shown = open.list().slice(0, MAX_NAMED);
    const names = shown.map(({ name, idempotencyKey = 'no readable key' }) => `${name} (${idempotencyKey})`);
    if (open.size > MAX_NAMED) names.push(`and ${open.size - MAX_NAMED} more`);
    const why = signal.aborted ? 'Interrupted' : `Not done within ${timeoutSeconds} seconds`;
    throw new UserError(`${why}: no completion for ${names.join(', ')}. To follow the requests: ${typed('watch')}`);
  }
  return answers.failedCount === 0;
}
