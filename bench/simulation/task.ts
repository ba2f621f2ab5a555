import * as z from 'zod';
import { runInThread } from '../harness/run-in-thread.ts';

export const taskSchema = z.object({
  rooms: z.int().positive(),
  regions: z.int().positive(),
  workers: z.int().positive(),
  seed: z.int(),
  /** How many rows of a region may be unanswered, as with a bulk job's reader. By default, all rows are sent together. */
  outstanding: z.int().positive().exactOptional(),
  /** Ends the run when this many rooms exist, while the others still wait in the queue. By default, it ends when the queue is empty. */
  onlyFirst: z.int().positive().exactOptional(),
  /** Other tenants. Each sends `rooms` requests together, `afterSeconds` after the import began. */
  others: z
    .object({ tenants: z.int().positive(), rooms: z.int().positive(), afterSeconds: z.number().min(0) })
    .exactOptional(),
  /** The model that runs in the workers. By default, they run the real handler. */
  model: z
    .object({
      /** Processor time per request, on the function's share of a processor. */
      cpuMs: z.number(),
      /** The average write request units of one write to the ledger. */
      unitsPerLedgerWrite: z.number(),
    })
    .exactOptional(),
});

export type ImportTask = z.infer<typeof taskSchema>;
export type ModelSetting = NonNullable<ImportTask['model']>;

const resultSchema = z.object({
  invocations: z.number(),
  /** The billed time. As on Lambda, the time of each invocation is rounded up to a millisecond. */
  billedMs: z.number(),
  ledgerWrites: z.number(),
  paceWrites: z.number(),
  /** Writes whose condition did not hold. DynamoDB bills them too. */
  refusedWrites: z.number(),
  ledgerUnits: z.number(),
  /** The write request units of all writes. */
  writeUnits: z.number(),
  sqsRequests: z.number(),
  snsPublishes: z.number(),
  createRoomCalls: z.number(),
  throttled: z.number(),
  postponed: z.number(),
  rooms: z.number(),
  /** From the first message until the last one is done, in simulated seconds. */
  seconds: z.number(),
  /** For each of the other tenants: the time until its last request is done, in simulated seconds since it sent its requests. */
  othersSeconds: z.array(z.number()),
  /** How many rows of the import were done between the time at which the others sent their requests and the time at which the last of these was done. */
  importedMeanwhile: z.number(),
});

export type ImportResult = z.infer<typeof resultSchema>;

/** Runs a simulated import in a thread. @throws its error, or the signal's reason */
export function simulateInThread(
  task: ImportTask,
  options: { signal: AbortSignal; progress(done: number): void },
): Promise<ImportResult> {
  const program = new URL('./run-task.ts', import.meta.url);
  return runInThread(program, { task, result: resultSchema, progress: z.number() }, options);
}
