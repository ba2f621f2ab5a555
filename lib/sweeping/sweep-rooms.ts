import type { Context } from 'aws-lambda';
import type { Region } from '../contract/regions.ts';
import { DeadlineError, startDeadline } from '../platform/deadline.ts';
import type { RoomVerdict } from './judge-room.ts';
import { createSweepPace } from './sweep-pace.ts';
import {
  beginSweep,
  regionAfter,
  regionsFrom,
  type SweepStart,
  storeNextStart,
  storeRoomCount,
} from './sweep-position.ts';
import { type RegionSummary, sweepRegion } from './sweep-region.ts';
import type { Sweep } from './sweep-room.ts';
import type { SweepServices } from './sweep-services.ts';

// The time between the abort and the end of the invocation, in which the sweep stores the position for the next sweep, and responds.
const WINDING_UP_MS = 3_000;

export interface SweepSummary {
  /** Whether the sweep deletes extra rooms, or only reports them. */
  deletes: boolean;
  regions: RegionSummary[];
  /** The region in which the deadline was reached. The regions after it were not begun. */
  stoppedIn?: Region;
  /** The region with which the next sweep begins. */
  nextRegion: Region;
}

/**
 * Compares the rooms that have this stage's tags with the ledger, slowly, one region after the other. A healthy deployment has no extra
 * rooms. The sweep needs no lease, because a verdict that allows a deletion never changes.
 * @throws TableUnavailableError if it cannot store its position
 */
export async function sweepRooms(context: Context, services: SweepServices): Promise<SweepSummary> {
  const { clock, config } = services;
  const reason = () => new DeadlineError('This sweep has run out of time');
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
    const summary = await sweepFrom(await beginSweep(services), sweep);
    const roomsWith = (verdict: RoomVerdict) =>
      summary.regions.reduce((sum, { verdicts }) => sum + verdicts[verdict], 0);
    services.meter.noteSweep({
      extraRooms: roomsWith('extra'),
      overdueRooms: roomsWith('overdue'),
      survivingRooms: roomsWith('survivor'),
      failures: summary.regions.filter(({ ended }) => ended === 'failed').length,
    });
    return summary;
  } finally {
    clear();
    services.meter.publish();
  }
}

async function sweepFrom(first: SweepStart, sweep: Sweep): Promise<SweepSummary> {
  const { config, log } = sweep.services;
  const { deletes } = config.sweep;
  const regions: RegionSummary[] = [];
  for (const region of regionsFrom(first.region)) {
    const from = region === first.region ? first.continueAt : undefined;
    const { summary, continueAt, roomCount } = await sweepRegion(region, sweep, from);
    regions.push(summary);
    log.info('Swept a region', { ...summary });
    if (roomCount !== undefined) await storeRoomCount(sweep.services, region, roomCount);
    const stopped = summary.ended === 'deadline';
    // The next sweep begins with the region that this one could not begin or finish before the deadline.
    const isUnfinished = stopped && (summary.listed === 0 || continueAt !== undefined);
    const nextRegion = isUnfinished ? region : regionAfter(region);
    await storeNextStart(sweep.services, { region: nextRegion, continueAt });
    if (stopped) return { deletes, regions, stoppedIn: region, nextRegion };
  }
  return { deletes, regions, nextRegion: first.region };
}
