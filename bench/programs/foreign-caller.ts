/**
 * Another program in the same account, which calls CreateRoom evenly at a fixed rate. The `foreign` benchmark runs it. The program reports
 * that it is ready, begins when it gets its task, and ends when its channel closes.
 */
import { CreateRoomCommand, IvschatClient } from '@aws-sdk/client-ivschat';
import * as z from 'zod';

const taskSchema = z.object({ name: z.string(), callsPerSecond: z.number().positive(), region: z.string() });

process.once('message', (message) => {
  const { name, callsPerSecond, region } = taskSchema.parse(message);
  const client = new IvschatClient({ region, maxAttempts: 1 });
  const startedMs = performance.now();
  let calls = 0;
  // The time of each call is computed from the beginning, so that the delays of timers do not add up.
  const next = () => {
    client.send(new CreateRoomCommand({ name: `${name}-${calls}` })).catch(() => undefined);
    calls += 1;
    setTimeout(next, Math.max(0, startedMs + (calls * 1000) / callsPerSecond - performance.now()));
  };
  next();
});
process.once('disconnect', () => process.exit());
process.on('SIGINT', () => undefined);
process.send?.({ kind: 'ready' });
