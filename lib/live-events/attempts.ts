import type { LiveEventTimes } from '../contract/live-event-plan.ts';

/**
 * Several things to do for one event, of which none may keep the others from being done: a warning must not depend on what it
 * warns of, nor the rooms on a warning or on EventBridge Scheduler.
 */
export interface Attempts {
  /** @returns what it returns; undefined if it fails, which is remembered */
  try<T>(act: () => Promise<T>): Promise<T | undefined>;
  /** What has failed so far; undefined if nothing has. */
  failure(): unknown;
  /** @throws IncompleteEventError if anything has failed: the message must come again */
  throwIfAny(): void;
}

/** Some of what an event needs could not be done. */
export class IncompleteEventError extends Error {
  override readonly name = 'IncompleteEventError';
  readonly failures: readonly unknown[];
  /** The event's moments, if they are known: whoever waits for too long lets them pass. */
  readonly moments: LiveEventTimes | undefined;

  constructor(failures: readonly unknown[], moments?: LiveEventTimes) {
    super(failures.map(textOf).join('; '), { cause: failures[0] });
    this.failures = failures;
    this.moments = moments;
  }
}

export function createAttempts(): Attempts {
  const failures: unknown[] = [];
  return {
    async try(act) {
      try {
        return await act();
      } catch (error) {
        failures.push(...(error instanceof IncompleteEventError ? error.failures : [error]));
        return undefined;
      }
    },
    failure: () => failures[0],
    throwIfAny() {
      if (failures.length > 0) throw new IncompleteEventError(failures);
    },
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
