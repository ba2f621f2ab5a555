import { Worker } from 'node:worker_threads';
import * as z from 'zod';

export const taskSchema = z.object({
  rooms: z.int().positive(),
  regions: z.int().positive(),
  workers: z.int().positive(),
  seed: z.int(),
  /** How many rows of a region may be unanswered, as a bulk job's reader has it. Without it, all are sent at once. */
  outstanding: z.int().positive().exactOptional(),
  /** Tenants who send so many requests each, all at once, so long after the import began. */
  others: z
    .object({ tenants: z.int().positive(), rooms: z.int().positive(), afterSeconds: z.number().min(0) })
    .exactOptional(),
  /** What runs in the workers: the model, or without it the real handler. */
  model: z
    .object({
      /** Processor time per request, on the function's share of a processor. */
      cpuMs: z.number(),
      /** Write request units of one write to the ledger, on average. */
      unitsPerLedgerWrite: z.number(),
    })
    .exactOptional(),
});

export type ImportTask = z.infer<typeof taskSchema>;
export type ModelSetting = NonNullable<ImportTask['model']>;

const resultSchema = z.object({
  invocations: z.number(),
  /** Each invocation rounded up to the millisecond, as Lambda bills it. */
  billedMs: z.number(),
  ledgerWrites: z.number(),
  paceWrites: z.number(),
  /** Writes whose condition did not hold: DynamoDB bills them too. */
  refusedWrites: z.number(),
  ledgerUnits: z.number(),
  /** Write request units of all. */
  writeUnits: z.number(),
  sqsRequests: z.number(),
  snsPublishes: z.number(),
  createRoomCalls: z.number(),
  throttled: z.number(),
  postponed: z.number(),
  rooms: z.number(),
  /** From the first message to the last one's end, in simulated seconds. */
  seconds: z.number(),
  /** Until the last request of each other tenant, in simulated seconds from its sending. */
  othersSeconds: z.array(z.number()),
  /** How many rows of the import were done by then. */
  importedMeanwhile: z.number(),
});

export type ImportResult = z.infer<typeof resultSchema>;

const reportSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), done: z.number() }),
  z.object({ kind: z.literal('done'), result: resultSchema }),
]);

export type ThreadReport = z.infer<typeof reportSchema>;

/** Runs a simulated import in a thread. @throws what it ends with, or the signal's reason */
export function runInThread(
  task: ImportTask,
  { signal, progress }: { signal: AbortSignal; progress(done: number): void },
): Promise<ImportResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./run-task.ts', import.meta.url), { workerData: task });
    const stop = () => {
      reject(signal.reason);
      void worker.terminate();
    };
    signal.addEventListener('abort', stop, { once: true });
    worker.on('message', (message) => {
      const report = reportSchema.parse(message);
      if (report.kind === 'progress') progress(report.done);
      else resolve(report.result);
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      signal.removeEventListener('abort', stop);
      reject(new Error('The simulation ended without a result'));
    });
  });
}
