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
import { messagesIn, type RunningStack, withStack } from '../harness/with-stack.ts';
import { type Declared, shortName } from './declared.ts';
import type { IdleMeasured, RunMeasured } from './items.ts';
import { objectBytes, tableBytes } from './stored-bytes.ts';
import { createUsageMeter, type UsageMeter } from './usage.ts';

/** As in the simulation (bench/simulation/assumptions.ts). */
export const CREATE_ROOM_MS = 150;
export const INTERACTIVE_PER_SECOND = 2;
const POLL_EVERY_MS = 1_000;
const SETTLE_MS = 300_000;
const SCHEDULED_EVENT = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };

type Use<T> = (running: RunningStack, meter: UsageMeter) => Promise<T>;

function measure<T>(context: ScenarioContext, declared: Declared, name: string, warm: number, use: Use<T>): Promise<T> {
  const meter = createUsageMeter((functionName) => declared.memoryMb.get(shortName(functionName)) ?? Number.NaN);
  const setting = { name, warm, createRoomMs: CREATE_ROOM_MS, watch: meter };
  return withStack(context, setting, async (running) => {
    await untilTestEventIsHandled(running);
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

/** Invokes each scheduled function once, in a new execution environment, while there are no rooms and no events. */
export function measureIdle(context: ScenarioContext, declared: Declared): Promise<IdleMeasured> {
  return measure(context, declared, 'costs idle', 0, async ({ stack }, meter) => {
    const invocations: IdleMeasured['invocations'][number][] = [];
    for (const { functionName, everySeconds } of declared.schedules) {
      const result = await stack.invoke(functionName, SCHEDULED_EVENT);
      if (result.kind !== 'ok') throw new Error(`${functionName} failed: ${JSON.stringify(result)}`);
      invocations.push({ usage: meter.take(), everySeconds });
    }
    return { invocations, packageBytes: packageBytes(context.root) };
  });
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
