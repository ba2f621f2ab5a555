import { withCompletionFeed } from '../../client/completion-feed.ts';
import { explainError } from '../../client/explain-error.ts';
import { LOCAL_STAGE } from '../../client/local-stage.ts';
import type { Clock } from '../../lib/platform/clock.ts';
import type { PublishedAnswer, PublishedEvent } from '../api/published.ts';
import type { StageConnection } from './stage-connection.ts';

const KEPT = 10_000;
const MAX_IN_ANSWER = 1_000;
const RETRY_AFTER_MS = 3_000;
/** Each attempt creates a queue. On AWS, the cause of a failed attempt, such as a missing permission, usually lasts. */
const MAX_RETRY_AFTER_MS = 5 * 60_000;

/** The events of the completion topic since the console has subscribed to it. */
export interface PublishedEvents {
  /** Begins to receive events through a temporary queue, unless the console already does. */
  follow(): void;
  /** @param after the number of the last event that the page already has */
  after(after: number): PublishedAnswer;
  /** Resolves when the temporary queue is removed, after the console's signal has been aborted. */
  ended(): Promise<void>;
}

export function createPublishedEvents(context: {
  stage: StageConnection;
  clock: Clock;
  signal: AbortSignal;
}): PublishedEvents {
  const { stage, clock, signal } = context;
  const kept: PublishedEvent[] = [];
  // A tab may have been opened with an earlier console, whose numbers must not be assigned again.
  const before = clock.nowMs();
  let last = before;
  let problem: string | undefined;
  let sinceMs: number | undefined;
  let following: Promise<void> | undefined;
  let retryAfterMs = RETRY_AFTER_MS;
  let isLocal = true;

  function note(event: PublishedEvent['event'], attributes: Record<string, string> = {}): void {
    last += 1;
    kept.push({ number: last, receivedAtMs: clock.nowMs(), event, attributes });
    if (kept.length > KEPT) kept.shift();
  }

  function receive(): Promise<void> {
    const settings = { onUnreadable: () => undefined, onRosterEvent: note, onReleaseEvent: note };
    return stage.use((deployment) => {
      isLocal = deployment.stage === LOCAL_STAGE;
      return withCompletionFeed(deployment, settings, async (feed) => {
        problem = undefined;
        sinceMs = clock.nowMs();
        retryAfterMs = RETRY_AFTER_MS;
        for await (const { completion, attributes } of feed.completions(signal)) note(completion, attributes);
      });
    });
  }

  async function receiveAlways(): Promise<void> {
    while (!signal.aborted) {
      try {
        await receive();
      } catch (error) {
        problem = explainError(error);
        sinceMs = undefined;
        await clock.sleep(retryAfterMs, signal).catch(() => undefined);
        // The embedded stack may be started again at any time.
        if (!isLocal) retryAfterMs = Math.min(2 * retryAfterMs, MAX_RETRY_AFTER_MS);
      }
    }
  }

  return {
    follow() {
      following ??= receiveAlways();
    },
    after(after) {
      const known = after > last ? 0 : Math.max(0, after - (last - kept.length));
      const events = kept.slice(known, known + MAX_IN_ANSWER);
      return {
        events,
        forgotten: last - before - kept.length,
        ...(problem !== undefined && { problem }),
        ...(sinceMs !== undefined && { sinceMs }),
      };
    },
    ended: async () => following,
  };
}
