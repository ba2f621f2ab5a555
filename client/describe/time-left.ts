import { pausedNow } from '../../lib/pace/operator-settings.ts';
import type { RegionPace } from '../operate/region-pace.ts';
import type { StageLoad } from '../operate/stage-load.ts';
import { rateNow } from './pace-now.ts';

/** The estimated time until the bulk lane is empty, and the basis of the estimate. */
export type TimeLeft = { seconds: number; from: 'the last minute' | 'the rates of the busy regions' } | undefined;

/** How many messages are in the bulk lane, including those that wait for their next attempt. */
export function bulkDepth({ queues }: Pick<StageLoad, 'queues'>): number {
  const bulk = queues.find(({ queue }) => queue === 'bulk');
  return bulk === undefined ? 0 : bulk.visible + bulk.inFlight;
}

/** An estimate from one reading: the depth of the bulk lane, at the rates of the regions in which calls are reserved. */
export function leftAtRates(load: StageLoad): TimeLeft {
  const rate = load.paces.reduce((sum, pace) => sum + bulkRate(pace, load.atMs), 0);
  return rate === 0 ? undefined : { seconds: bulkDepth(load) / rate, from: 'the rates of the busy regions' };
}

function bulkRate({ item }: RegionPace, atMs: number): number {
  const isIdle = item.free_at <= atMs;
  if (isIdle || item.open_until !== undefined || pausedNow(item, 'bulk', atMs) !== undefined) return 0;
  return Math.min(rateNow(item, atMs) ?? 0, item.bulk_ceiling ?? Number.POSITIVE_INFINITY);
}
