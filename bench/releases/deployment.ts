import { type Config, readConfig } from '../../lib/platform/config.ts';
import { ENVIRONMENT } from '../simulation/assumptions.ts';

/** The settings of `release-rooms` in serverless.yml. */
export const RELEASER = { everyMs: 60_000, timeoutMs: 90_000, memoryMb: 1_024 };

export const RETENTION_DAYS = 30;

/** The stage `prod` with releases, and with the shortest retention of keys. */
export const CONFIG: Config = readConfig({
  ...ENVIRONMENT,
  GREENROOM_KEY_RETENTION_DAYS: String(RETENTION_DAYS),
  GREENROOM_RELEASES: 'true',
  GREENROOM_RELEASE_GRACE_SECONDS: '900',
});

/** How long the due index takes to show a change: usually less than a second, and for one change in a hundred up to half a minute. */
export function drawIndexLagMs(random: () => number): number {
  return random() < 0.01 ? random() * 30_000 : random() * 1_000;
}
