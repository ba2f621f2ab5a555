import type { Clock } from '../lib/platform/clock.ts';

/** How often a waiting command says what it waits for. The first time is after one such interval. */
const SAY_EVERY_MS = 10_000;

/**
 * While a command waits, shows from time to time what it waits for. The user may lack the permission to read that, and the wait does not
 * depend on it, so after an error it shows nothing.
 * @param textNow reads the line to show; undefined if there is none
 * @param signal ends the display
 */
export async function tellWaits(
  textNow: () => Promise<string | undefined>,
  show: (text: string) => void,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  try {
    for (;;) {
      await clock.sleep(SAY_EVERY_MS, signal);
      const text = await textNow();
      signal.throwIfAborted();
      if (text !== undefined) show(text);
    }
  } catch {
    // The wait is over, or the ledger cannot be read.
  }
}
