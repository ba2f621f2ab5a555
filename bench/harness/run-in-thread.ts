import { Worker } from 'node:worker_threads';
import * as z from 'zod';

const reportSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), progress: z.unknown() }),
  z.object({ kind: z.literal('done'), result: z.unknown() }),
]);

/** The messages that a thread posts: its progress and, at the end, its result. */
export type ThreadReport = z.infer<typeof reportSchema>;

/**
 * Runs a task in a thread, because the virtual clock replaces the timers of the whole thread.
 * @throws the error of the thread, or the signal's reason; ZodError if the result has another form
 */
export function runInThread<Result, Progress>(
  program: URL,
  {
    task,
    result,
    progress: progressSchema,
  }: { task: object; result: z.ZodType<Result>; progress: z.ZodType<Progress> },
  { signal, progress }: { signal: AbortSignal; progress(done: Progress): void },
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(program, { workerData: task });
    const stop = () => {
      reject(signal.reason);
      void worker.terminate();
    };
    signal.addEventListener('abort', stop, { once: true });
    worker.on('message', (message) => {
      const report = reportSchema.parse(message);
      if (report.kind === 'progress') progress(progressSchema.parse(report.progress));
      else resolve(result.parse(report.result));
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      signal.removeEventListener('abort', stop);
      reject(new Error('The simulation ended without a result'));
    });
  });
}
