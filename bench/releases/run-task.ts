/** Runs one simulation in a separate thread, because the virtual clock replaces the timers of the whole thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { installVirtualTime } from '../../simulation/virtual-time.ts';
import type { ThreadReport } from '../harness/run-in-thread.ts';
import { runCalm } from './run-calm.ts';
import { runDue } from './run-due.ts';
import { runSeason } from './run-season.ts';
import { runWrongJob } from './run-wrong-job.ts';
import { type ReleaseTask, taskSchema } from './task.ts';

const report = (message: ThreadReport) => parentPort?.postMessage(message);
const progress = (text: string) => report({ kind: 'progress', progress: text });

function run(task: ReleaseTask): Promise<object> {
  switch (task.kind) {
    case 'season':
      return runSeason(task, progress);
    case 'due':
      return runDue(task, progress);
    case 'calm':
      return runCalm(task);
    case 'wrong-job':
      return runWrongJob(task);
  }
}

installVirtualTime();
report({ kind: 'done', result: await run(taskSchema.parse(workerData)) });
