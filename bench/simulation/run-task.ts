/** Runs one simulated import in a separate thread, because the virtual clock replaces the timers of the whole thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { installVirtualTime } from '../../simulation/virtual-time.ts';
import type { ThreadReport } from '../harness/run-in-thread.ts';
import { simulateImport, warmUpSdk } from './simulate-import.ts';
import { taskSchema } from './task.ts';

const report = (message: ThreadReport) => parentPort?.postMessage(message);

installVirtualTime();
await warmUpSdk();
const task = taskSchema.parse(workerData);
const progress = (done: number) => report({ kind: 'progress', progress: done });
report({ kind: 'done', result: await simulateImport(task, progress) });
