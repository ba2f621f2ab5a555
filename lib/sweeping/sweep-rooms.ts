import type { Context } from 'aws-lambda';
import type { Region } from '../contract/regions.ts';
import { DeadlineError, startDeadline } from '../platform/deadline.ts';
import { createSweepPace } from './sweep-pace.ts';
import { beginSweep, noteNextPlace, regionAfter, regionsFrom, type SweepPlace } from './sweep-position.ts';
import { type RegionSummary, sweepRegion } from './sweep-region.ts';
import type { Sweep } from './sweep-room.ts';
import type { SweepServices } from './sweep-services.ts';

// What remains after the abort: to note the next place, and to answer.
const WINDING_UP_MS = 3_000;

export interface SweepSummary {
  /** Whether extra rooms were to be deleted, or only reported. */
  deletes: boolean;
  regions: RegionSummary[];
  /** The region in which the deadline was reached; those after it were not begun. */
  stoppedIn?: Region;
  /** The region that the next sweep begins with. */
  nextRegion: Region;
}

/**
 * Looks for rooms that carry our tags and that the ledger does not own: what lies past the bounds of the promise of one room
 * per key. Region after region, slowly; it needs no lease, because a verdict that allows a deletion never changes.
 * @throws TableUnavailableError if it cannot note where it is.
 */
export async function sweepRooms(context: Context, services: SweepServices): Promise<SweepSummary> {
  const { clock, config } = services;
  const reason = () => new DeadlineError('The time of this sweep is over');
  const { signal, stopMs, clear } = startDeadline(context, { clock, windingUpMs: WINDING_UP_MS, reason });
  try {
    const { callsPerSecond } = config.sweep;
    const awaitCall = createSweepPace({
      ...services,
      signal,
      lastSendMs: stopMs - config.callTimeoutMs,
      callsPerSecond,
    });
    const sweep: Sweep = { services, awaitCall, signal };
    return await sweepFrom(await beginSweep(services), sweep);
  } finally {
    clear();
  }
}

async function sweepFrom(first: SweepPlace, sweep: Sweep): Promise<SweepSummary> {
  const { config, log } = sweep.services;
  const { deletes } = config.sweep;
  const regions: RegionSummary[] = [];
  for (const region of regionsFrom(first.region)) {
    const { summary, goOnAt } = await sweepRegion(region, sweep, region === first.region ? first.token : undefined);
    regions.push(summary);
    log.info('Swept a region', { ...summary });
    const stopped = summary.ended === 'deadline';
    // A region that the deadline kept from being begun or finished is the next one's first.
    const isUnfinished = stopped && (summary.listed === 0 || goOnAt !== undefined);
    const nextRegion = isUnfinished ? region : regionAfter(region);
    await noteNextPlace(sweep.services, { region: nextRegion, token: goOnAt });
    if (stopped) return { deletes, regions, stoppedIn: region, nextRegion };
  }
  return { deletes, regions, nextRegion: first.region };
}
