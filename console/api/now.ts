import type { TimeLeft } from '../../client/describe/time-left.ts';
import type { OldestMessages } from '../../client/operate/oldest-messages.ts';
import type { KnownOpenReason } from '../../client/operate/open-reason.ts';
import type { QueueDepth } from '../../client/operate/region-pace.ts';
import type { ReleaseLoad } from '../../client/operate/release/release-load.ts';
import type { Lane } from '../../lib/contract/lanes.ts';

/** The load of the stage, and how it has developed since a page was opened. Times are epoch milliseconds. */
export interface NowAnswer {
  stage: string;
  region: string;
  atMs: number;
  queues: QueueDepth[];
  bulkLaneEmpty: TimeLeft;
  regions: RegionNow[];
  releases: ReleaseLoad;
  /** The age of the oldest message of each queue. Absent on the embedded stack, which has no CloudWatch. */
  oldest?: OldestMessages;
  /** The readings after the time that the page passed. */
  samples: LoadSample[];
}

/** The pace of CreateRoom in one region. Rates are calls a second; a rate that is not known yet is absent. */
export interface RegionNow {
  region: string;
  /** The pace that greenroom keeps at the moment. */
  rate?: number;
  /** The rate that the pace may reach. */
  limit?: number;
  /** Calls that are reserved but not sent yet. */
  slotsAhead: number;
  breaker?: { reason: KnownOpenReason; meaning: string; remedy: string; openedAtMs?: number; probeAtMs: number };
  lanes: { lane: Lane; pausedUntilMs?: number | 'resumed'; limit?: number }[];
}

/** One reading of the load. */
export interface LoadSample {
  atMs: number;
  /** The messages in each queue, visible or not. */
  depths: Partial<Record<string, number>>;
}
