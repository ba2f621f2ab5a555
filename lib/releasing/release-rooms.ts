import type { Context } from 'aws-lambda';
import { REGIONS } from '../contract/regions.ts';
import { DeadlineError, startDeadline } from '../platform/deadline.ts';
import { type RegionReleases, releaseRegion } from './release-region.ts';
import type { ReleaseServices } from './release-services.ts';
import { createReleaseSlots } from './release-slots.ts';

// The time between the abort and the end of the invocation. The releases that are under way can end in this time.
const WINDING_UP_MS = 3_000;

export interface ReleaseSummary {
  regions: RegionReleases[];
}

/**
 * Releases the rooms that are due, in all regions concurrently. The due index replaces a queue, so there are no messages that could be lost.
 * Invocations may overlap.
 * @throws Error if the releases of a region failed, after those of all regions have ended
 */
export async function releaseRooms(context: Context, services: ReleaseServices): Promise<ReleaseSummary> {
  const { clock, config, log, meter } = services;
  const reason = () => new DeadlineError('This invocation has run out of time');
  const { signal, stopMs, clear } = startDeadline(context, { clock, windingUpMs: WINDING_UP_MS, reason });
  try {
    const takeSlot = createReleaseSlots({ ...services, signal, lastSendMs: stopMs - config.callTimeoutMs });
    const run = { services, signal, takeSlot };
    const regions = await Promise.all(REGIONS.map((region) => releaseRegion(region, run)));
    for (const each of regions) {
      meter.noteReleases(each);
      if (each.ended !== 'done' || each.released + each.delayed + each.notOurs > 0)
        log.info('Released the rooms of a region that were due', { ...each });
    }
    // Lambda counts the error, which sets off an alarm. The due index keeps the releases for the next invocation.
    const failed = regions.filter(({ ended }) => ended === 'failed').map(({ region }) => region);
    if (failed.length > 0) throw new Error(`The releases of these regions failed: ${failed.join(', ')}`);
    return { regions };
  } finally {
    clear();
    meter.publish();
  }
}
