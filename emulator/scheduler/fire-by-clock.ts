import { setTimeout as pause } from 'node:timers/promises';
import type { Scheduler } from './scheduler.ts';

const CHECK_EVERY_MS = 250;

/** Fires the due schedules of a scheduler according to the real clock, until it is stopped. */
export function fireByClock(scheduler: Scheduler, onError: (error: unknown) => void): { stop(): Promise<void> } {
  const stopping = new AbortController();

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await scheduler.fireDue().catch(onError);
      await pause(CHECK_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
