import * as z from 'zod';
import { runInThread } from '../harness/run-in-thread.ts';
import type { ScenarioContext } from '../harness/scenario.ts';
import { calmTaskSchema } from './run-calm.ts';
import { dueTaskSchema } from './run-due.ts';
import { seasonTaskSchema } from './run-season.ts';
import { wrongJobTaskSchema } from './run-wrong-job.ts';

/** The simulations that a thread can run. */
export const taskSchema = z.discriminatedUnion('kind', [
  seasonTaskSchema,
  dueTaskSchema,
  calmTaskSchema,
  wrongJobTaskSchema,
]);
export type ReleaseTask = z.output<typeof taskSchema>;

/** Simulates in a thread. @throws the error of the thread, or the signal's reason */
export function simulate<Result>(
  context: Pick<ScenarioContext, 'signal' | 'progress'>,
  task: z.input<typeof taskSchema>,
  result: z.ZodType<Result>,
): Promise<Result> {
  const program = new URL('./run-task.ts', import.meta.url);
  const progress = (text: string) => context.progress(`${task.kind}: ${text}`);
  return runInThread(program, { task, result, progress: z.string() }, { signal: context.signal, progress });
}
