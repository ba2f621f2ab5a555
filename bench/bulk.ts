import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type BulkProgress, hasEnded, readBulkProgress } from '../client/bulk-progress.ts';
import { connectLocally, type Deployment } from '../client/deployment.ts';
import { uploadManifest } from '../client/upload-manifest.ts';
import { type Stack, startStack } from '../local/stack.ts';
import { templateFile } from '../local/start/make-package.ts';
import { answerRequests } from './bulk/answer-requests.ts';
import { runClosedRegion } from './bulk/closed-region.ts';
import { countReport } from './bulk/count-report.ts';
import { generateManifest } from './bulk/generate-manifest.ts';
import { watchMemory } from './bulk/process-memory.ts';
import { packageUnlimited } from './bulk/unlimited-package.ts';

const HELP = `Sends one large manifest to the embedded stack, with each function in a separate process, and follows it to its report.

Usage: npm run bench:bulk -- [OPTIONS]

  --rows N    rows of the manifest (default: 50000)
  --kills N   how many times the reader is killed while it reads (default: 5)
  --rooms     create the rooms, without IVS Chat's quota, which takes a quarter of an hour for 50,000.
              Otherwise, the benchmark answers the requests itself, so that only the reader and the tracker run
  --closed-region
              instead, simulate three manifests of N rows each, sorted by region, with one of their regions closed for three hours.
              The output shows whether the other regions keep their pace, how many messages are in flight, and how many times
              notices are received
  --help      this text

The exit code is 0 if every row has exactly one room, otherwise 1.`;

const ROOT = join(import.meta.dirname, '..');
/**
 * The timeout of the functions for rosters, and of their queues. It is short, so that a killed reader is replaced soon, and reading takes
 * several invocations. It is longer if the reader shares the processors with `provision-rooms`.
 */
const TIMEOUT_SECONDS = { answered: 20, provisioned: 60 };
const POLL_EVERY_MS = 200;

export interface BulkBenchOptions {
  rows: number;
  /** How many times the reader is killed while it reads. */
  kills: number;
  /** Whether rooms are created. Otherwise the requests are answered without rooms. */
  rooms: boolean;
  signal: AbortSignal;
  progress(text: string): void;
}

export interface BulkBenchResult {
  rows: number;
  kills: number;
  /** From the upload until the manifest was read to its end, including the waits after killed readers. */
  readingSeconds: number;
  /** The rate while a reader was running, which excludes these waits. */
  rowsPerSecondOfReading: number;
  readerPeakMebibytes: number;
  /** Requests that were sent again after a kill, with the same keys. */
  requestsSentAgain: number | undefined;
  /** From the first completion until the report was written and announced. */
  trackingSeconds: number;
  trackerPeakMebibytes: number;
  members: number;
  provisioned: number;
  /** Rows that have no room in the report. */
  lost: number;
  /** Rooms beyond one for each key. */
  doubled: number;
}

/** Sends one large manifest, kills its reader several times, and follows the job to its report. */
export async function benchBulk(options: BulkBenchOptions): Promise<BulkBenchResult> {
  const packaged = packageUnlimited(templateFile(ROOT), {
    rosterTimeoutSeconds: options.rooms ? TIMEOUT_SECONDS.provisioned : TIMEOUT_SECONDS.answered,
    provisions: options.rooms,
  });
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-bench-bulk-'));
  const stack = await startStack({
    templateFile: packaged.templateFile,
    seed: 1,
    calm: true,
    isolation: 'process',
    // Checking policies takes no time on AWS, but takes some here.
    enforcePolicies: false,
  });
  const deployment = connectLocally({ endpoint: stack.endpoint, region: 'eu-west-1' });
  try {
    stack.ivsChat.setQuotas({
      tps: { CreateRoom: 100_000, ListRooms: 100_000, GetRoom: 100_000 },
      burst: 100_000,
      roomsPerRegion: 1_000_000,
    });
    const file = join(directory, 'festival.csv');
    writeFileSync(file, generateManifest(options.rows));
    return await measure(file, stack, deployment, options);
  } finally {
    deployment.close();
    await stack.stop();
    packaged.remove();
    rmSync(directory, { recursive: true });
  }
}

async function measure(
  file: string,
  stack: Stack,
  deployment: Deployment,
  options: BulkBenchOptions,
): Promise<BulkBenchResult> {
  const { rows, rooms, signal } = options;
  const pidsOf = (name: string) => () =>
    stack.functions.flatMap((each) => (each.definition.name.endsWith(name) ? each.pids() : []));
  const reader = watchMemory(pidsOf('start-bulk-job'));
  const tracker = watchMemory(pidsOf('track-rosters'));
  const uploadedAtMs = Date.now();
  const jobId = await uploadManifest(
    deployment,
    { fileName: file, content: readFileSync(file) },
    { allOrNothing: false, now: new Date(), signal },
  );
  const reading = await followReading(jobId, deployment, pidsOf('start-bulk-job'), options);
  const readingSeconds = (Date.now() - uploadedAtMs) / 1000;
  reader.stop();
  options.progress(`read after ${readingSeconds.toFixed(1)} s`);

  const trackedFromMs = Date.now();
  const answering = rooms ? undefined : answerRequests(deployment, signal);
  const over = await follow(jobId, deployment, options, hasEnded);
  const answered = await answering;
  tracker.stop();
  const report = await countReport(deployment, jobId);
  return {
    rows,
    kills: reading.kills,
    readingSeconds,
    rowsPerSecondOfReading: Math.round(rows / reading.busySeconds),
    readerPeakMebibytes: reader.peakMebibytes(),
    requestsSentAgain: answered && answered.messages - answered.keys.size,
    trackingSeconds: (Date.now() - trackedFromMs) / 1000,
    trackerPeakMebibytes: tracker.peakMebibytes(),
    members: over.members ?? 0,
    provisioned: over.provisioned,
    lost: rows - report.keys,
    doubled: (rooms ? stack.ivsChat.rooms().length : report.rooms) - report.keys,
  };
}

/** Kills the reader at evenly spaced rows. @returns `busySeconds`: the time in which the checkpoint advanced */
async function followReading(
  jobId: string,
  deployment: Deployment,
  readerPids: () => number[],
  options: BulkBenchOptions,
): Promise<{ kills: number; busySeconds: number }> {
  let kills = 0;
  let busyMs = 0;
  let last = { read: 0, atMs: Date.now() };
  await follow(jobId, deployment, options, ({ state, read }) => {
    const nowMs = Date.now();
    if (read > last.read) {
      busyMs += Math.min(nowMs - last.atMs, 2_000);
      last = { read, atMs: nowMs };
    }
    if (kills < options.kills && state === 'open' && read > ((kills + 1) * options.rows) / (options.kills + 1)) {
      for (const pid of readerPids()) process.kill(pid, 'SIGKILL');
      kills += 1;
      options.progress(`killed the reader at row ${read}`);
    }
    return state !== 'open' && state !== 'waiting';
  });
  return { kills, busySeconds: busyMs / 1000 };
}

async function follow(
  jobId: string,
  deployment: Deployment,
  { signal, progress }: BulkBenchOptions,
  isEnough: (current: BulkProgress) => boolean,
): Promise<BulkProgress> {
  for (let polls = 0; ; polls++) {
    const current = await readBulkProgress(deployment, jobId);
    if (current && isEnough(current)) return current;
    if (polls % 25 === 0) progress(`${current?.read} rows read, ${current?.provisioned} rooms counted`);
    await pause(POLL_EVERY_MS, undefined, { signal });
  }
}

/** The closed region has more rows than SQS allows messages in flight. If there are fewer rows, all figures are scaled down. */
function closedRegionOf(rows: number) {
  const scale = rows / 50_000;
  const openRows = Math.round(4_000 * scale);
  return {
    manifests: 3,
    closedRows: rows - 2 * openRows,
    openRows,
    outstandingRows: Math.round(2_000 * scale),
    inFlightLimit: Math.round(120_000 * scale),
    closedForMs: 3 * 3_600_000,
  };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '50000' },
      kills: { type: 'string', default: '5' },
      rooms: { type: 'boolean', default: false },
      'closed-region': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    process.exit();
  }
  if (values['closed-region']) {
    const full = closedRegionOf(Number(values.rows));
    const closed = await runClosedRegion({ ...full, progress: (text) => console.error(text) });
    console.log(JSON.stringify({ settings: full, ...closed }, null, 2));
    process.exit(closed.jobs.every(({ provisioned }) => provisioned === Number(values.rows)) ? 0 : 1);
  }
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort());
  const result = await benchBulk({
    rows: Number(values.rows),
    kills: Number(values.kills),
    rooms: values.rooms,
    signal: interruption.signal,
    progress: (text) => console.error(text),
  });
  console.log(JSON.stringify(result, null, 2));
  process.exitCode = result.lost === 0 && result.doubled === 0 && result.provisioned === result.rows ? 0 : 1;
}
