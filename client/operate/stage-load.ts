import type { Deployment, QueueName } from '../deployment.ts';
import { type QueueDepth, REQUEST_QUEUES, type RegionPace, readPaces, readQueueDepths } from './region-pace.ts';
import { type ReleaseLoad, readReleaseLoad } from './release/release-load.ts';

/** The work that is waiting in a stage at one point in time. */
export interface StageLoad {
  /** When it was read. */
  atMs: number;
  /** The depths of the request queues and of the parked queue. */
  queues: QueueDepth[];
  /** The pace of CreateRoom. */
  paces: RegionPace[];
  /** The pace of DeleteRoom. */
  releasePaces: RegionPace[];
  releases: ReleaseLoad;
}

const SHOWN_QUEUES = [...REQUEST_QUEUES, 'parked'] as const;

/** The due index is read less often than the rest, because reading it takes 56 calls. */
const COUNT_RELEASES_EVERY_MS = 10_000;

/**
 * @returns a function that reads the load. It looks up the addresses of the queues only once, so each later reading takes 18 calls, or 74 if it
 *   also counts the releases
 */
export function createLoadReader(deployment: Deployment, nowMs: () => number): () => Promise<StageLoad> {
  const urls = new Map<QueueName, Promise<string>>();
  const queueUrl = (queue: QueueName) => {
    const url = urls.get(queue) ?? deployment.queueUrl(queue);
    urls.set(queue, url);
    return url;
  };
  const { sqs } = deployment;
  let counted: { atMs: number; load: Promise<ReleaseLoad> } | undefined;
  const countReleases = () => {
    const atMs = nowMs();
    if (counted === undefined || atMs - counted.atMs >= COUNT_RELEASES_EVERY_MS)
      counted = { atMs, load: readReleaseLoad(deployment, atMs) };
    return counted.load;
  };
  return async () => {
    const [queues, paces, releasePaces, releases] = await Promise.all([
      readQueueDepths({ sqs, queueUrl }, SHOWN_QUEUES),
      readPaces(deployment),
      readPaces(deployment, 'DeleteRoom'),
      countReleases(),
    ]);
    return { atMs: nowMs(), queues, paces, releasePaces, releases };
  };
}

const WINDOW_MS = 60_000;
/** The counts of SQS are approximate, so the difference between two readings in quick succession says little. */
const SHORTEST_MS = 10_000;

/** Estimates when a queue will be empty, from successive readings of its depth. */
export function createDrainMeter() {
  const readings: { atMs: number; depth: number }[] = [];
  return {
    /**
     * @returns the seconds that are left at the pace of the last minute; undefined if the queue did not shrink, or has not been observed for
     *   long enough
     */
    note(atMs: number, depth: number): number | undefined {
      readings.push({ atMs, depth });
      while ((readings[1]?.atMs ?? atMs) <= atMs - WINDOW_MS) readings.shift();
      const [first] = readings;
      if (!first || atMs - first.atMs < SHORTEST_MS || depth >= first.depth) return undefined;
      return (depth * (atMs - first.atMs)) / 1000 / (first.depth - depth);
    },
  };
}
