import type { Log } from '../../lib/platform/log.ts';

/** A log that keeps its errors and its info lines, with message and fields. */
export function logTo(errors: unknown[], infos: unknown[][]): Log {
  const ignore = () => undefined;
  const log = {
    debug: ignore,
    info: (...what: unknown[]) => void infos.push(what),
    warn: ignore,
    error: (...what: unknown[]) => void errors.push(what),
  };
  return log as unknown as Log;
}
