import type { Deployment } from '../../client/deployment.ts';
import { ceilingNow, rateNow, slotsAhead } from '../../client/describe/pace-now.ts';
import { bulkDepth, leftAtRates } from '../../client/describe/time-left.ts';
import { LOCAL_STAGE } from '../../client/local-stage.ts';
import { type OldestMessages, readOldestMessages } from '../../client/operate/oldest-messages.ts';
import { OPEN_REASON_TEXTS, openReasonOf } from '../../client/operate/open-reason.ts';
import { REQUEST_QUEUES, type RegionPace } from '../../client/operate/region-pace.ts';
import { createDrainMeter, createLoadReader, type StageLoad } from '../../client/operate/stage-load.ts';
import { LANES } from '../../lib/contract/lanes.ts';
import { pausedNow } from '../../lib/pace/operator-settings.ts';
import type { Clock } from '../../lib/platform/clock.ts';
import type { LoadSample, NowAnswer, RegionNow } from '../api/now.ts';
import type { StageConnection } from './stage-connection.ts';

/** Pages that are open at the same time share a reading for this long. */
const SHARED_FOR_MS = 1_500;
/** Half an hour, with a reading every two seconds. */
const KEPT_SAMPLES = 900;

/** The load of the stage, which is read only when a page asks for it. */
export interface LoadHistory {
  /** @param sinceMs the time of the last sample that the page already has */
  read(sinceMs: number): Promise<NowAnswer>;
}

interface Reading {
  deployment: Deployment;
  load: StageLoad;
  /** The time until the bulk lane is empty, estimated from the last minute. */
  seconds: number | undefined;
  oldest: OldestMessages | undefined;
}

export function createLoadHistory({ stage, clock }: { stage: StageConnection; clock: Clock }): LoadHistory {
  const readers = new WeakMap<Deployment, () => Promise<StageLoad>>();
  const meter = createDrainMeter();
  const samples: LoadSample[] = [];
  let last: Reading | undefined;
  let reading: ReturnType<typeof readLoad> | undefined;
  const readOldest = createOldestReader(clock);

  function readLoad() {
    return stage.use(async (deployment) => {
      const read = readers.get(deployment) ?? createLoadReader(deployment, clock.nowMs);
      readers.set(deployment, read);
      const load = await read();
      samples.push(sampleOf(load));
      if (samples.length > KEPT_SAMPLES) samples.shift();
      last = {
        deployment,
        load,
        seconds: meter.note(load.atMs, bulkDepth(load)),
        oldest: await readOldest(deployment),
      };
      return last;
    });
  }

  return {
    async read(sinceMs) {
      const ageMs = last === undefined ? Number.POSITIVE_INFINITY : clock.nowMs() - last.load.atMs;
      // A reading from the future was made before the clock of the computer was set back.
      const isFresh = ageMs >= 0 && ageMs < SHARED_FOR_MS;
      if (!isFresh) reading ??= readLoad().finally(() => (reading = undefined));
      return answerOf(
        (await reading) ?? last ?? (await readLoad()),
        samples.filter(({ atMs }) => atMs > sinceMs),
      );
    },
  };
}

function answerOf({ deployment, load, seconds, oldest }: Reading, samples: LoadSample[]): NowAnswer {
  const { stage, region } = deployment;
  const { atMs, queues, releases } = load;
  const bulkLaneEmpty: NowAnswer['bulkLaneEmpty'] =
    seconds === undefined ? leftAtRates(load) : { seconds, from: 'the last minute' };
  return {
    ...{ stage, region, atMs, queues, bulkLaneEmpty, releases, samples },
    ...(oldest !== undefined && { oldest }),
    regions: load.paces.map((pace) => regionNow(pace, atMs)),
  };
}

/** CloudWatch has a new value once a minute, and charges for each reading. */
const OLDEST_EVERY_MS = 60_000;

function createOldestReader({ nowMs }: Pick<Clock, 'nowMs'>) {
  let read: { atMs: number; oldest: Promise<OldestMessages> } | undefined;
  return async (deployment: Deployment): Promise<OldestMessages | undefined> => {
    if (deployment.stage === LOCAL_STAGE) return undefined;
    const atMs = nowMs();
    if (read === undefined || atMs - read.atMs >= OLDEST_EVERY_MS)
      read = { atMs, oldest: readOldestMessages(deployment, [...REQUEST_QUEUES, 'parked'], atMs) };
    return read.oldest;
  };
}

function regionNow({ region, item }: RegionPace, atMs: number): RegionNow {
  const rate = rateNow(item, atMs);
  const limit = ceilingNow(item);
  const reason = openReasonOf(item);
  return {
    region,
    ...(rate !== undefined && { rate }),
    ...(limit !== undefined && { limit }),
    slotsAhead: slotsAhead(item, atMs),
    ...(reason !== undefined &&
      item.open_until !== undefined && {
        breaker: {
          ...{ reason, ...OPEN_REASON_TEXTS[reason], probeAtMs: item.open_until },
          ...(item.opened_at !== undefined && { openedAtMs: item.opened_at }),
        },
      }),
    lanes: LANES.map((lane) => {
      const paused = pausedNow(item, lane, atMs);
      const ceiling = item[`${lane}_ceiling`];
      return {
        lane,
        ...(paused !== undefined && { pausedUntilMs: paused.untilMs ?? 'resumed' }),
        ...(ceiling !== undefined && { limit: ceiling }),
      };
    }),
  };
}

function sampleOf({ atMs, queues }: StageLoad): LoadSample {
  return {
    atMs,
    depths: Object.fromEntries(queues.map(({ queue, visible, inFlight }) => [queue, visible + inFlight])),
  };
}
