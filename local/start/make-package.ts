import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { UserError } from '../../client/user-error.ts';
import { packageProgram } from './package-program.ts';

/** The files that `serverless package` reads. */
const INPUTS = ['serverless.yml', 'package.json', 'infrastructure', 'dist'];
/** The plugin for the Serverless Framework. It is linked and not copied, so that it finds `lib` and the installed packages. */
const PLUGIN = join('scripts', 'deployment');

/**
 * A separate folder for the stage `local`. `serverless package` always works in `.serverless` and empties it first, even with the option
 * `--package`. In the folder of the repository, this package and one for a deployment would replace each other.
 */
const packageFolder = (root: string) => join(root, '.greenroom', 'package');

/**
 * Packages the stage `local`: the bundles in `dist/`, and the template and its archives in a separate folder.
 *
 * @param root the repository
 * @throws UserError if a step fails, after its output has been printed
 */
export async function makePackage(root: string, signal: AbortSignal): Promise<void> {
  await run('Building the functions', ['scripts/build.ts'], root, signal);
  const folder = packageFolder(root);
  await rm(folder, { recursive: true, force: true });
  for (const each of INPUTS) await cp(join(root, each), join(folder, each), { recursive: true });
  await mkdir(join(folder, 'scripts'));
  await symlink(join(root, PLUGIN), join(folder, PLUGIN));
  const packaging = [packageProgram(root, 'serverless'), 'package', '--stage', 'local'];
  await run('Packaging them as a deployment would', packaging, folder, signal);
}

/** @throws UserError if there is no package */
export function requirePackage(root: string): void {
  if (!existsSync(templateFile(root)))
    throw new UserError(`There is no package yet (no ${templateFile(root)}): run without --no-build`);
}

/** The path of the compiled template, in the folder of the functions' archives. */
export function templateFile(root: string): string {
  return join(packageFolder(root), '.serverless', 'cloudformation-template-update-stack.json');
}

/** Runs a step in a process. The line about the step begins before the step, and ends with the time that the step took. */
async function run(step: string, args: string[], cwd: string, signal: AbortSignal): Promise<void> {
  const startedAtMs = Date.now();
  process.stdout.write(`${step}… `);
  const child = spawn(process.execPath, args, { cwd, signal, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  try {
    const [exitCode, ...output] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    if (exitCode === 0) return void process.stdout.write(`${((Date.now() - startedAtMs) / 1000).toFixed(1)} s\n`);
    // Ctrl-C in a terminal reaches the child too.
    signal.throwIfAborted();
    console.error(`\n${output.join('')}`);
    throw new UserError(`${step} failed with exit code ${exitCode}: the output of node ${args.join(' ')} is above`);
  } catch (error) {
    if (signal.aborted) process.stdout.write('interrupted\n');
    throw error;
  }
}
