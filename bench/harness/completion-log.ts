import type { Completion } from '../../lib/contract/completion.ts';

export interface Answer {
  outcome: string;
  /** When the first copy of its completion arrived, in epoch milliseconds. */
  atMs: number;
}

export interface CompletionLog {
  /** By idempotency key. */
  answers: ReadonlyMap<string, Answer>;
  note(completion: Completion, atMs: number): void;
  /** Resolves when all of these keys have been answered, or when the signal is aborted. */
  answered(keys: Iterable<string>, signal: AbortSignal): Promise<void>;
}

/** Records which requests have been answered, and when. */
export function createCompletionLog(): CompletionLog {
  const answers = new Map<string, Answer>();
  const waiting = new Set<{ open: Set<string>; done(): void }>();

  return {
    answers,
    note({ data }, atMs) {
      const key = data.idempotencyKey;
      if (key === undefined || answers.has(key)) return;
      answers.set(key, { outcome: data.outcome, atMs });
      for (const each of waiting) {
        each.open.delete(key);
        if (each.open.size === 0) each.done();
      }
    },
    answered(keys, signal) {
      const open = new Set([...keys].filter((key) => !answers.has(key)));
      const { promise, resolve } = Promise.withResolvers<void>();
      const waiter = { open, done: resolve };
      waiting.add(waiter);
      if (open.size === 0 || signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
      return promise.finally(() => waiting.delete(waiter));
    },
  };
}
