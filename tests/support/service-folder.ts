import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { packageProgram } from '../../local/start/package-program.ts';

export const SERVERLESS = packageProgram(process.cwd(), 'serverless');
const TEMPLATE = '.serverless/cloudformation-template-update-stack.json';

const packagesSchema = z.record(z.string(), z.string());
const manifestSchema = z.object({ dependencies: packagesSchema, devDependencies: packagesSchema });

const resourceSchema = z.looseObject({
  Type: z.string(),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
  // The tests read many different properties.
  Properties: z.any(),
});
const templateSchema = z.looseObject({ Resources: z.record(z.string(), resourceSchema) });

export type Resource = z.output<typeof resourceSchema>;

/**
 * Creates a directory in which `serverless` can run, because packaging empties `.serverless`, which may contain a package of the
 * developer. It has the bundles that are already built.
 */
export function openServiceFolder() {
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-service-'));
  for (const part of ['serverless.yml', 'package.json', 'infrastructure', 'dist'])
    cpSync(part, join(directory, part), { recursive: true });
  mkdirSync(join(directory, 'scripts'));
  symlinkSync(resolve('scripts/deployment'), join(directory, 'scripts', 'deployment'));
  return serviceFolder(directory);
}

/**
 * Creates a clone in which nothing was built. It uses the installed packages of this repository: all of them, as npm installs them, or only
 * those that `package.json` declares, as pnpm installs them. pnpm puts the packages that these depend on where only these find them.
 */
export function openFreshClone({ packages = 'all' }: { packages?: 'all' | 'declared' } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-clone-'));
  const configuration = ['serverless.yml', 'package.json', 'tsconfig.json', 'tsconfig.package.json'];
  const parts = [
    ...configuration,
    'infrastructure',
    'scripts',
    'functions',
    'lib',
    'client',
    'cli',
    'console',
    'emulator',
    'local',
  ];
  for (const part of parts) cpSync(part, join(directory, part), { recursive: true });
  if (packages === 'all') symlinkSync(resolve('node_modules'), join(directory, 'node_modules'));
  else linkDeclaredPackages(directory);
  return serviceFolder(directory);
}

function linkDeclaredPackages(directory: string): void {
  const { dependencies, devDependencies } = manifestSchema.parse(JSON.parse(readFileSync('package.json', 'utf8')));
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
    const path = join(directory, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(resolve('node_modules', name), path);
  }
}

/** @param template in JSON */
export function resourcesOf(template: string): Record<string, Resource> {
  return templateSchema.parse(JSON.parse(template)).Resources;
}

function serviceFolder(directory: string) {
  return {
    directory,
    templateFile: join(directory, TEMPLATE),
    /** Runs `serverless` to its end. `output`: stdout and stderr. */
    serverless(...args: string[]) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [SERVERLESS, ...args], {
        cwd: directory,
        encoding: 'utf8',
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      return { status, output: stdout + stderr };
    },
    resources: () => resourcesOf(readFileSync(join(directory, TEMPLATE), 'utf8')),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
