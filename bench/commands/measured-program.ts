import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as z from 'zod';

const PRELOADED = fileURLToPath(new URL('../programs/loaded-modules.ts', import.meta.url));

/** A program that each run starts in a fresh process. */
export interface Program {
  name: string;
  /** The arguments of Node. */
  args: readonly string[];
  /** What its output must contain. A run with another output measured something else. */
  prints: string;
  directory: string;
  /** The whole environment of the process. */
  environment: Record<string, string>;
}

/**
 * Runs a program in a fresh process, with pipes for its output.
 * @returns milliseconds from the start of the process until its output has ended
 * @throws Error if the program fails, or prints something else
 */
export async function timeRun({ name, args, prints, directory, environment }: Program): Promise<number> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, args, { cwd: directory, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  const [exitCode, output, errors] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  const tookMs = performance.now() - startedMs;
  if (exitCode === 0 && output.includes(prints)) return tookMs;
  throw new Error(`${name} ended with exit code ${exitCode}: ${output.slice(-500)}${errors.slice(-500)}`);
}

const loadedSchema = z.object({
  /** The files and their sizes, without Node's own modules. */
  files: z.array(z.object({ url: z.string(), bytes: z.number() })),
  /** Node's own modules that the files import. */
  builtins: z.array(z.string()),
  /** When the last file was loaded, in milliseconds since the process began. */
  lastMs: z.number(),
});

/** What a program loads. */
export type LoadedModules = z.infer<typeof loadedSchema>;

/**
 * Runs a program once, with hooks that record what it loads. The hooks make the program slower, so this run does not measure its time.
 * @param file where the program writes the record
 */
export async function recordLoads(program: Program, file: string): Promise<LoadedModules> {
  await timeRun({
    ...program,
    args: ['--import', pathToFileURL(PRELOADED).href, ...program.args],
    environment: { ...program.environment, LOADED_MODULES_FILE: file },
  });
  return loadedSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}
