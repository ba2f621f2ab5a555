import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { devNull } from 'node:os';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Stack } from '../../local/stack.ts';

const readySchema = z.object({ kind: z.literal('ready') });

export interface ChildProgram {
  /** Sends the program its task. */
  start(task: object): void;
  /** The program's report. @throws Error if the program ends without a report, ZodError if the report does not match the schema */
  report<T>(schema: z.ZodType<T>): Promise<T>;
  stop(): Promise<void>;
}

/**
 * Starts a program of `bench/programs/` as a process, and resolves when it is ready.
 * @param stack the stack that its SDK uses
 */
export async function startProgram(
  name: string,
  stack?: Pick<Stack, 'region' | 'endpointVariables'>,
): Promise<ChildProgram> {
  const child = fork(fileURLToPath(new URL(`../programs/${name}.ts`, import.meta.url)), {
    // The program gets neither the user's credentials nor the user's profile.
    env: {
      PATH: process.env.PATH,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      ...(stack && { AWS_REGION: stack.region, ...stack.endpointVariables }),
    },
    execArgv: [],
  });
  const ended = once(child, 'exit');
  readySchema.parse(await nextReport(child, ended, name));
  const reported = nextReport(child, ended, name);
  // A program that is stopped never reports. Without this handler, its rejected report would be an unhandled rejection.
  reported.catch(() => undefined);
  return {
    start: (task) => child.send(task),
    report: async (schema) => schema.parse(await reported),
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

async function nextReport(child: ChildProcess, ended: Promise<unknown>, name: string): Promise<unknown> {
  const [message] = await Promise.race([
    once(child, 'message'),
    ended.then(() => {
      throw new Error(`${name} ended without a report`);
    }),
  ]);
  return message;
}
