import type { LiveEventTimes } from '../contract/live-event-plan.ts';

/**
 * Runs several steps for one event. Each step runs even if another one has failed. A warning must not depend on the thing that it warns
 * about, and the rooms must not depend on a warning or on EventBridge Scheduler.
 */
export interface Attempts {
  /** Runs a step, and records its failure. @returns the result of `act`, or undefined if it failed */
  try<T>(act: () => Promise<T>): Promise<T | undefined>;
  /** The first failure; undefined if there is none. */
  failure(): unknown;
  /** @throws IncompleteEventError if a step has failed, so that the message returns to its queue */
  throwIfAny(): void;
}

/** One or more steps for an event failed. */
export class IncompleteEventError extends Error {
  override readonly name = 'IncompleteEventError';
  readonly failures: readonly unknown[];
  /** The times of the event, if they are known. They limit how long the message waits. */
  readonly times: LiveEventTimes | undefined;

  constructor(failures: readonly unknown[], times?: LiveEventTimes) {
    super(failures.map(textOf).join('; '), { cause: failures[0] });
    this.failures = failures;
    this.times = times;
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
