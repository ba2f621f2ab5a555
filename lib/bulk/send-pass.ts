import { PARKED_AFTER_MS } from '../platform/retention.ts';
import { isStopped } from '../rosters/is-stop-over.ts';
import type { RosterMeta } from '../rosters/roster-item.ts';
import { readRoster } from '../rosters/roster-states.ts';
import { laneCapacity } from './lane-capacity.ts';
import { nextCheck, nextLaneCheck, stretch } from './next-check.ts';
import { MAX_RENEWALS, shouldRenew } from './notice-delivery.ts';
import type { PlannedRow } from './plan-rows.ts';
import type { ReaderItem, RegionProgress } from './reader-item.ts';
import { openRows, type Reading } from './reading.ts';
import { MAX_DELAY_MS } from './renew-notice.ts';
import { CHUNK_ROWS, sendRows } from './send-rows.ts';

/**
 * The outcome of one pass. `stopped`: an operator has stopped the job, and no further rows may be sent. `held`: not all rows could be sent,
 * and another pass continues, but not before `untilMs`.
 */
export type PassOutcome = { kind: 'all-sent' } | { kind: 'stopped' } | ({ kind: 'held' } & Held);

export interface Held {
  reason: 'outstanding' | 'lane-full';
  /** The regions with rows that could not be sent. */
  regions: string[];
  untilMs: number;
}

/** How many members of the job had an outcome when the counters were read. The number only grows, so it may be higher by now. */
export interface Answered {
  byRegion: Readonly<Record<string, number>>;
  /**
   * Members that trackers of earlier versions have counted without a region. They count as answered in every region, because otherwise
   * rows could wait for completions that have already been counted.
   */
  ofNoRegion: number;
  readAtMs: number;
  /** Whether an operator has stopped the job. */
  isStopped: boolean;
}

/** The rows of one region in this pass. */
interface RegionPass {
  progress: RegionProgress;
  /** How many rows earlier passes have sent. The other counts are the requests that this pass has sent and the rows that could not be sent. */
  sentBefore: number;
  sent: number;
  held: number;
}

/** The requests of a job expire a day after its start. After that, rows are sent without a limit per region. */
const JOB_LIFE_MS = 24 * 3_600_000;
/** The pseudo-region of rows for which no request is sent. */
const NO_REGION = '-';

export function answeredOf(roster: RosterMeta | undefined, readAtMs: number): Answered {
  const byRegion = roster?.kind === 'bulk' ? roster.answered : {};
  const counted = Object.values(byRegion).reduce((sum, count) => sum + count, 0);
  return {
    byRegion,
    ofNoRegion: (roster?.provisioned ?? 0) + (roster?.failed ?? 0) - counted,
    readAtMs,
    isStopped: isStopped(roster),
  };
}

/**
 * Writes and sends the rows that were not sent before, up to the limit of outstanding rows in each region. Each pass reads the whole
 * manifest, for two reasons: a full region must not hold back later rows of other regions, and the keys of equal rows depend on the rows
 * before them.
 */
export async function sendPass(reading: Reading, answered: Answered): Promise<PassOutcome> {
  const { roster, rows } = await openRows(reading);
  const pass = new SendingPass(reading, answered, startedAtMsOf(roster));
  let chunk: PlannedRow[] = [];
  for await (const row of rows) {
    if (!(await pass.accepts(row))) continue;
    chunk.push(row);
    if (chunk.length < CHUNK_ROWS) continue;
    await pass.send(chunk);
    chunk = [];
    if (await isStoppedNow(reading)) return { kind: 'stopped' };
  }
  if (chunk.length > 0) await pass.send(chunk);
  return pass.end();
}

/** Whether an operator has stopped the job. It is read after each full chunk, so that a running pass ends soon. */
async function isStoppedNow({ jobId, services }: Reading): Promise<boolean> {
  return isStopped(await readRoster(services.rosters, jobId));
}

function startedAtMsOf(roster: RosterMeta): number {
  return (roster.kind === 'bulk' ? roster.reopened_at : undefined) ?? roster.created_at;
}

/** When the requests of a job expire, in epoch milliseconds. */
export function jobEndMs(roster: RosterMeta): number {
  return startedAtMsOf(roster) + JOB_LIFE_MS;
}

/** The region of a row, under which its checkpoint is stored. */
export function regionOf(row: PlannedRow): string {
  return row.kind === 'request' ? row.request.region : NO_REGION;
}

/** Whether a checkpoint covers a row. */
export function isHandled(row: PlannedRow, { done, regions }: ReaderItem): boolean {
  return row.place <= Math.max(done, regions[regionOf(row)]?.place ?? 0);
}

/** The state of one pass, region by region. */
class SendingPass {
  readonly #reading: Reading;
  readonly #answered: Answered;
  readonly #startedAtMs: number;
  readonly #neededByMs: number;
  readonly #limit: number;
  readonly #regions = new Map<string, RegionPass>();
  /** How many more messages may be sent to the lane. The number is read at most once, and only if there is a row to send. */
  #laneCapacity: number | undefined;
  #handled = 0;
  #lastPlace: number;
  #firstHeldPlace: number | undefined;

  constructor(reading: Reading, answered: Answered, startedAtMs: number) {
    this.#reading = reading;
    this.#answered = answered;
    this.#startedAtMs = startedAtMs;
    this.#neededByMs = startedAtMs + JOB_LIFE_MS;
    this.#limit = reading.services.config.outstandingRowsPerRegion;
    this.#lastPlace = reading.item.done;
  }

  /** Whether to write and send a row now: it was not sent before and, if it requests a room, neither its region nor the lane is full. */
  async accepts(row: PlannedRow): Promise<boolean> {
    const [name, region] = this.#regionOf(row);
    if (row.place <= Math.max(this.#reading.item.done, region.progress.place)) {
      this.#handled += 1;
      region.sentBefore += 1;
      return false;
    }
    if (row.kind !== 'request') return true;
    // A region that is full for one row is also full for the later rows of the pass, because the counters were read before the pass.
    if (!(await this.#hasCapacity(name, region))) {
      region.held += 1;
      this.#firstHeldPlace ??= row.place;
      return false;
    }
    region.sent += 1;
    this.#laneCapacity = (this.#laneCapacity ?? 0) - 1;
    return true;
  }

  /** Sends rows that `accepts` has selected, and stores the checkpoint. */
  async send(chunk: readonly PlannedRow[]): Promise<void> {
    const { jobId, services, signal } = this.#reading;
    await sendRows(jobId, chunk, this.#neededByMs, services, signal);
    this.#handled += chunk.length;
    for (const row of chunk) {
      this.#regionOf(row)[1].progress.place = row.place;
      this.#lastPlace = row.place;
    }
    if (await this.#store()) this.#reading.progress.isStored = true;
  }

  /** Ends the pass after all rows were read. */
  async end(): Promise<PassOutcome> {
    const full = [...this.#regions].filter(([, { held }]) => held > 0);
    if (full.length === 0) return { kind: 'all-sent' };
    const isLaneFull = (this.#laneCapacity ?? 0) <= 0;
    const checksMs = full.map(([name, region]) =>
      isLaneFull
        ? nextLaneCheck({ nowMs: this.#answered.readAtMs, startedAtMs: this.#startedAtMs })
        : this.#nextCheckMs(name, region),
    );
    const passesNeeded = full.reduce((sum, [, { held }]) => sum + Math.ceil(held / (this.#limit / 2)), 0);
    const untilMs = this.#nextPassMs(Math.min(...checksMs), passesNeeded);
    // No pass is planned before `untilMs`, so a problem cannot begin earlier.
    await this.#store(untilMs);
    return {
      kind: 'held',
      reason: isLaneFull ? 'lane-full' : 'outstanding',
      regions: full.map(([name]) => name),
      untilMs,
    };
  }

  #regionOf(row: PlannedRow): [string, RegionPass] {
    const name = regionOf(row);
    const { item } = this.#reading;
    const progress = item.regions[name] ?? { place: item.done };
    const region = this.#regions.get(name) ?? { progress: { ...progress }, sentBefore: 0, sent: 0, held: 0 };
    this.#regions.set(name, region);
    return [name, region];
  }

  get #isOver(): boolean {
    return this.#answered.readAtMs >= this.#neededByMs;
  }

  #answeredIn(name: string): number {
    return (this.#answered.byRegion[name] ?? 0) + this.#answered.ofNoRegion;
  }

  async #hasCapacity(name: string, { sentBefore, sent }: RegionPass): Promise<boolean> {
    this.#laneCapacity ??= await laneCapacity(this.#reading.services, this.#reading.signal);
    return this.#laneCapacity > 0 && (this.#isOver || sentBefore + sent - this.#answeredIn(name) < this.#limit);
  }

  #nextCheckMs(name: string, { progress, sentBefore, sent }: RegionPass): number {
    const { config, random } = this.#reading.services;
    const nowMs = this.#answered.readAtMs;
    const answered = this.#answeredIn(name);
    const counted = { answered, outstanding: sentBefore + sent - answered, outstandingBefore: sentBefore - answered };
    const region = { ...counted, limit: this.#limit, nowMs, callsPerSecond: config.callsPerSecond };
    const { checkMs, stalledAtMs } = nextCheck(region, progress, random);
    progress.looked_at = nowMs;
    progress.answered = answered;
    progress.stalled_at = stalledAtMs;
    return checkMs;
  }

  /** When the next pass begins. While rows are limited per region, the next pass begins no later than the end of that limit. */
  #nextPassMs(checkMs: number, passesNeeded: number): number {
    const { delivery } = this.#reading;
    const nowMs = this.#answered.readAtMs;
    const latestMs = this.#isOver ? Number.POSITIVE_INFINITY : this.#neededByMs;
    if (shouldRenew(delivery, 'held', nowMs)) return Math.min(latestMs, checkMs, nowMs + MAX_DELAY_MS);
    if (delivery.renewals < MAX_RENEWALS) return Math.min(latestMs, checkMs);
    const untilMs = this.#isOver ? delivery.sentAtMs + PARKED_AFTER_MS.manifests : this.#neededByMs;
    const { receiveCount } = delivery;
    return Math.min(latestMs, stretch(checkMs, { receiveCount, passesNeeded, nowMs, untilMs }));
  }

  /** Stores the current checkpoints. @param progressedAtMs no problem that appears later can have begun before this time */
  #store(progressedAtMs = this.#reading.services.clock.nowMs()): Promise<boolean> {
    const { services, jobId, leaseEndMs, item } = this.#reading;
    const place = this.#firstHeldPlace === undefined ? this.#lastPlace : this.#firstHeldPlace - 1;
    const progress = Object.fromEntries([...this.#regions].map(([name, region]) => [name, region.progress]));
    return services.readers.store(jobId, leaseEndMs, {
      done: Math.max(item.done, place),
      handled: this.#handled,
      regions: { ...item.regions, ...progress },
      progressed_at: progressedAtMs,
    });
  }
}
