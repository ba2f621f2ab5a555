import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { devNull } from 'node:os';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const reportSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('done'), made: z.int(), refused: z.int() }),
]);

export type CallerReport = z.infer<typeof reportSchema>;

export interface ChildProgram {
  /** Hands it its task. It is ready for it. */
  start(task: object): void;
  /** What it reports at its end. @throws Error if it ends without */
  report(): Promise<Extract<CallerReport, { kind: 'done' }>>;
  stop(): Promise<void>;
}

/** Starts a program of `bench/programs/` as a process of its own, pointed at an embedded stack; resolves when it is ready. */
export async function startProgram(
  name: string,
  { endpoint, region }: { endpoint: string; region: string },
): Promise<ChildProgram> {
  const child = fork(fileURLToPath(new URL(`../programs/${name}.ts`, import.meta.url)), {
    // Nothing of the user's own: neither credentials nor a profile.
    env: {
      PATH: process.env.PATH,
      AWS_REGION: region,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
    },
    execArgv: [],
  });
  const ended = once(child, 'exit');
  await nextReport(child, ended, name);
  const reported = nextReport(child, ended, name);
  // A program that is stopped does not report, and nobody need wait for it.
  reported.catch(() => undefined);
  return {
    start: (task) => child.send(task),
    async report() {
      const report = await reported;
      if (report.kind !== 'done') throw new Error(`${name} said twice that it is ready`);
      return report;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

async function nextReport(child: ChildProcess, ended: Promise<unknown>, name: string): Promise<CallerReport> {
  const [message] = await Promise.race([
    once(child, 'message'),
    ended.then(() => {
      throw new Error(`${name} ended without a report`);
    }),
  ]);
  return reportSchema.parse(message);
}
