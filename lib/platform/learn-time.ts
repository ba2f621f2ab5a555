import type { MiddlewareStack } from '@smithy/types';
import * as z from 'zod/mini';
import type { Clock } from './clock.ts';
import type { SharedTime } from './shared-time.ts';

const datedResponseSchema = z.looseObject({ headers: z.looseObject({ date: z.string() }) });

/**
 * Reads the `Date` header of every response to a command, or to all commands of a client, even if the call failed. If this is called again
 * for the same client, only the last `time` is updated.
 */
export function learnTimeFrom<Input extends object, Output extends object>(
  { middlewareStack }: { middlewareStack: Pick<MiddlewareStack<Input, Output>, 'add'> },
  time: SharedTime,
  clock: Clock,
): void {
  middlewareStack.add(
    (next) => async (args) => {
      const sentMs = clock.nowMs();
      const output = await next(args);
      const dateMs = Date.parse(datedResponseSchema.safeParse(output.response).data?.headers.date ?? '');
      if (Number.isFinite(dateMs)) time.learn({ dateMs, sentMs, receivedMs: clock.nowMs() });
      return output;
    },
    // This step runs nearest to the network, inside the SDK's step that turns an error response into an exception.
    { step: 'deserialize', priority: 'low', name: 'learnTime', override: true },
  );
}
