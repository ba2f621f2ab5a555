import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { hasEnded, readBulkProgress } from '../../client/bulk-progress.ts';
import { uploadManifest } from '../../client/upload-manifest.ts';
import { templateFile } from '../../local/start/make-package.ts';
import { generateManifest } from '../bulk/generate-manifest.ts';
import { makeRequests, sendRequests } from '../harness/requests.ts';
import type { ScenarioContext } from '../harness/scenario.ts';
import { messagesIn, type RunningStack, type StackSetting, withStack } from '../harness/with-stack.ts';
import { type Declared, shortName } from './declared.ts';
import type { IdleMeasured, RunMeasured, ScheduledInvocation } from './items.ts';
import { objectBytes, tableBytes } from './stored-bytes.ts';
import { createUsageMeter, type Usage, type UsageMeter } from './usage.ts';

/** As in the simulation (bench/simulation/assumptions.ts). */
export const CREATE_ROOM_MS = 150;
export const INTERACTIVE_PER_SECOND = 2;
const POLL_EVERY_MS = 1_000;
const SETTLE_MS = 300_000;
/** Log lines do not arrive together with the result of their invocation. On a busy machine, they arrive later. */
const LATE_LINES_MS = 500;
/**
 * A function that is invoked at least this often is measured warm. AWS does not document how long an idle execution environment is kept, so
 * less frequent invocations are assumed to be cold starts, which cost more.
 */
export const WARM_WITHIN_SECONDS = 60;
/** The number of warm invocations. The median of their durations counts, because a single one may be slow. */
export const WARM_INVOCATIONS = 5;

type Use<T> = (running: RunningStack, meter: UsageMeter) => Promise<T>;

function measure<T>(context: ScenarioContext, declared: Declared, name: string, warm: number, use: Use<T>): Promise<T> {
  const meter = createUsageMeter((functionName) => declared.memoryMb.get(shortName(functionName)) ?? Number.NaN);
  // A scheduled invocation during a run would count twice, because the idle costs contain it.
  const setting: StackSetting = { name, warm, createRoomMs: CREATE_ROOM_MS, watch: meter, schedules: 'off' };
  return withStack(context, setting, async (running) => {
    await untilTestEventIsHandled(running);
    await pause(LATE_LINES_MS, undefined, { signal: running.signal });
    // Earlier usage, such as that of the warm-up, does not count.
    meter.take();
    return use(running, meter);
  });
}

/** S3 sends a test event to the manifest queue when the stack is created. */
async function untilTestEventIsHandled({ deployment, signal }: RunningStack): Promise<void> {
  const queueUrl = await deployment.queueUrl('manifests');
  while ((await messagesIn(deployment, queueUrl)) > 0) await pause(POLL_EVERY_MS, undefined, { signal });
}

/** Runs each schedule of the template, while there are no rooms and no events. */
export function measureIdle(context: ScenarioContext, declared: Declared): Promise<IdleMeasured> {
  return measure(context, declared, 'costs idle', 0, async (running, meter) => {
    const invocations: ScheduledInvocation[] = [];
    for (const { functionName, everySeconds } of declared.schedules) {
      const invoke = () => invokeOnce(running, functionName, meter);
      const cold = await invoke();
      const usage = everySeconds > WARM_WITHIN_SECONDS ? cold : await medianOf(WARM_INVOCATIONS, invoke);
      invocations.push({ functionName, usage, everySeconds });
    }
    return { invocations, packageBytes: packageBytes(context.root) };
  });
}

type Invoked = Pick<RunningStack, 'stack' | 'signal'>;

async function invokeOnce({ stack, signal }: Invoked, functionName: string, meter: UsageMeter): Promise<Usage> {
  const results = await stack.runSchedules(functionName);
  await pause(LATE_LINES_MS, undefined, { signal });
  const [result] = results;
  if (results.length !== 1 || result?.kind !== 'ok')
    throw new Error(`The schedule of ${functionName} failed: ${JSON.stringify(results)}`);
  return meter.take();
}

/** The invocation with the median duration. */
async function medianOf(times: number, invoke: () => Promise<Usage>): Promise<Usage> {
  const usages: Usage[] = [];
  for (let time = 0; time < times; time++) usages.push(await invoke());
  const median = usages.toSorted((a, b) => a.count('gbSeconds') - b.count('gbSeconds'))[Math.floor(times / 2)];
  if (!median) throw new Error('No invocation was measured');
  return median;
}

function packageBytes(root: string): number {
  const folder = dirname(templateFile(root));
  const archives = readdirSync(folder).filter((name) => name.endsWith('.zip'));
  return archives.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** Sends interactive requests one after the other, at a rate below the quota. */
export function measureInteractive(context: ScenarioContext, declared: Declared, rooms: number): Promise<RunMeasured> {
  return measure(context, declared, 'costs interactive', 2, async (running, meter) => {
    const before = await storedBytes(running);
    const startedMs = Date.now();
    const requests = makeRequests(rooms, { name: 'room' });
    for (const [index, request] of requests.entries()) {
      const waitMs = startedMs + (index * 1_000) / INTERACTIVE_PER_SECOND - Date.now();
      await pause(Math.max(0, waitMs), undefined, { signal: running.signal });
      await sendRequests([request], { ...running, lane: 'interactive' });
    }
    await running.settle(
      requests.map(({ key }) => key),
      SETTLE_MS,
    );
    return finish(running, meter, { rooms, startedMs, before, sendRequests: rooms });
  });
}

/** Uploads a manifest, and waits for its report. */
export function measureBulk(context: ScenarioContext, declared: Declared, rows: number): Promise<RunMeasured> {
  return measure(context, declared, 'costs bulk', 5, async (running, meter) => {
    const { deployment, signal } = running;
    const before = await storedBytes(running);
    const startedMs = Date.now();
    const directory = mkdtempSync(join(tmpdir(), 'greenroom-bench-costs-'));
    try {
      const file = join(directory, 'festival.csv');
      writeFileSync(file, generateManifest(rows));
      const jobId = await uploadManifest(
        deployment,
        { fileName: file, content: readFileSync(file) },
        { allOrNothing: false, now: new Date(), signal },
      );
      for (let polls = 0; ; polls++) {
        const current = await readBulkProgress(deployment, jobId);
        if (current && hasEnded(current)) break;
        if (polls % 10 === 0) context.progress(`costs bulk: ${current?.provisioned} of ${rows} rooms counted`);
        await pause(POLL_EVERY_MS, undefined, { signal });
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
    return finish(running, meter, { rooms: rows, startedMs, before, sendRequests: 0 });
  });
}

interface Started {
  rooms: number;
  startedMs: number;
  before: RunMeasured['stored'];
  sendRequests: number;
}

async function finish(running: RunningStack, meter: UsageMeter, started: Started): Promise<RunMeasured> {
  const { rooms, startedMs, before, sendRequests } = started;
  const seconds = (Date.now() - startedMs) / 1_000;
  const usage = meter.take();
  const made = (await running.ivsChat.rooms()).length;
  const throttled = (await running.ivsChat.calls()).createRoom.filter((call) => call.throttled).length;
  const after = await storedBytes(running);
  const stored = {
    ledgerBytes: after.ledgerBytes - before.ledgerBytes,
    rosterBytes: after.rosterBytes - before.rosterBytes,
    manifestBytes: after.manifestBytes - before.manifestBytes,
    reportBytes: after.reportBytes - before.reportBytes,
  };
  return { rooms, made, throttled, errors: running.logs.errorCount, seconds, usage, sendRequests, stored };
}

async function storedBytes({ deployment }: RunningStack): Promise<RunMeasured['stored']> {
  const { dynamodb, s3, ledgerTable, rosterTable } = deployment;
  const bucket = await deployment.manifestBucket();
  return {
    ledgerBytes: await tableBytes(dynamodb, ledgerTable),
    rosterBytes: await tableBytes(dynamodb, rosterTable),
    manifestBytes: await objectBytes(s3, bucket, 'manifests/'),
    reportBytes: await objectBytes(s3, bucket, 'reports/'),
  };
}
