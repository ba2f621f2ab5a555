import type { OperationName } from './api.ts';

/** Epoch milliseconds are doubles, which have steps of 0.0002 ms. An interval such as a sixth of a second is therefore rounded. */
const ROUNDING_MS = 0.01;

export interface TokenBuckets {
  /** Takes a token of this operation in this region. @returns whether there was one */
  take(operation: OperationName, region: string, limits: { tps: number; burst: number }, nowMs: number): boolean;
  clear(): void;
}

/**
 * One bucket per operation and region: `burst` calls together, then `tps` calls a second. A refused call takes no token.
 * A bucket is stored as the time at which it will be full again.
 */
export function createTokenBuckets(): TokenBuckets {
  const fullAtMs = new Map<string, number>();
  return {
    take(operation, region, { tps, burst }, nowMs) {
      const intervalMs = 1000 / tps;
      const id = `${operation} ${region}`;
      const fullAt = Math.max(fullAtMs.get(id) ?? nowMs, nowMs);
      if (fullAt - nowMs > (burst - 1) * intervalMs + ROUNDING_MS) return false;
      fullAtMs.set(id, fullAt + intervalMs);
      return true;
    },
    clear: () => fullAtMs.clear(),
  };
}
