import type { CompletionFeed } from '../client/completion-feed.ts';
import { completionLine } from '../client/completion-line.ts';
import { createOpenRequests } from '../client/open-requests.ts';
import type { PreparedRequest } from '../client/prepared-request.ts';
import { UserError } from '../client/user-error.ts';

/**
 * Prints the completion of each request as it arrives.
 * @returns whether every request has a room. A room of an earlier request with the same key counts
 * @throws UserError naming the requests without a completion, if they do not arrive in time or the user interrupts
 */
export async function awaitCompletions(
  feed: CompletionFeed,
  requests: PreparedRequest[],
  { timeoutSeconds, signal }: { timeoutSeconds: number; signal: AbortSignal },
): Promise<boolean> {
  const open = createOpenRequests();
  for (const request of requests) open.add(request);
  let failed = 0;
  if (open.size > 0) {
    const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
    for await (const { completion } of feed.completions(AbortSignal.any([signal, timeout]))) {
      if (!open.close(completion)) continue;
      console.log(completionLine(completion));
      if (completion.data.outcome === 'failed') failed += 1;
      if (open.size === 0) break;
    }
  }
  console.error(
    `${requests.length - open.size - failed} provisioned, ${failed} failed, ${open.size} without an outcome.`,
  );
  if (open.size > 0) {
    const names = open.list().map(({ name, idempotencyKey = 'no readable key' }) => `${name} (${idempotencyKey})`);
    const why = signal.aborted ? 'Interrupted' : `Not done within ${timeoutSeconds} seconds`;
    throw new UserError(`${why}: no completion for ${names.join(', ')}. To follow the requests: greenroom watch`);
  }
  return failed === 0;
}
