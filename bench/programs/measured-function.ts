/**
 * Measures one function in a fresh process, which has the function's environment variables. It loads the function as Lambda's runtime does,
 * and reports the time that this takes. It then handles the batches of each task, and reports the time and the memory that they take. It
 * exits when the parent process disconnects.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { GCProfiler } from 'node:v8';
import { type Cost, type HandledTask, type MeasuredTask, taskSchema } from '../floor/measured-task.ts';

type Handler = (event: unknown, context: object) => Promise<unknown>;

const INVOCATION_MS = 60_000;

function begin(): () => Cost {
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { wallMs: performance.now() - startedMs, cpuMs: (user + system) / 1_000 };
  };
}

/** Lambda handles one event at a time in a process. `everyMs` is the time from the start of a batch to the start of the next one. */
async function handleAll(handler: Handler, { batches, everyMs = 0 }: MeasuredTask): Promise<HandledTask> {
  const measure = begin();
  const allocations = countAllocations();
  const startedMs = performance.now();
  let failures = 0;
  for (const [index, Records] of batches.entries()) {
    await pause(Math.max(0, startedMs + index * everyMs - performance.now()));
    const result = await handler({ Records }, contextOf(index));
    failures += Object(result).batchItemFailures?.length ?? 0;
  }
  return {
    ...measure(),
    kind: 'handled',
    allocatedBytes: allocations(),
    failures,
    peakBytes: process.resourceUsage().maxRSS * 1_024,
  };
}

/** Every collection shows how far the heap has grown since the previous one. */
function countAllocations(): () => number {
  const profiler = new GCProfiler();
  let usedBytes = process.memoryUsage().heapUsed;
  profiler.start();
  return () => {
    let allocatedBytes = 0;
    for (const { beforeGC, afterGC } of profiler.stop()?.statistics ?? []) {
      allocatedBytes += Math.max(0, beforeGC.heapStatistics.usedHeapSize - usedBytes);
      usedBytes = afterGC.heapStatistics.usedHeapSize;
    }
    return allocatedBytes + Math.max(0, process.memoryUsage().heapUsed - usedBytes);
  };
}

function contextOf(index: number): object {
  const deadlineMs = Date.now() + INVOCATION_MS;
  return {
    awsRequestId: `request-${index}`,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:measured',
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
}

const require = createRequire(import.meta.url);
const { LAMBDA_TASK_ROOT: taskRoot = '', _HANDLER: name = '' } = process.env;
const file = join(taskRoot, `${name.slice(0, name.lastIndexOf('.'))}.cjs`);
const measureLoad = begin();
const { handler }: { handler: Handler } = require(file);
process.send?.({ kind: 'loaded', ...measureLoad() });

process.on('message', async (message) => process.send?.(await handleAll(handler, taskSchema.parse(message))));
process.once('disconnect', () => process.exit());
// Ctrl-C in a terminal sends SIGINT to all of its processes. This one ignores the signal, because the benchmark ends it.
process.on('SIGINT', () => undefined);
