import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { packageProgram } from '../../local/start/package-program.ts';

export const SERVERLESS = packageProgram(process.cwd(), 'serverless');
const TEMPLATE = '.serverless/cloudformation-template-update-stack.json';

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

/** Creates a clone in which nothing was built. It uses the installed packages of this repository. */
export function openFreshClone() {
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-clone-'));
  const configuration = ['serverless.yml', 'package.json', 'tsconfig.json', 'tsconfig.package.json'];
  const parts = [...configuration, 'infrastructure', 'scripts', 'functions', 'lib', 'client', 'cli', 'local'];
  for (const part of parts) cpSync(part, join(directory, part), { recursive: true });
  symlinkSync(resolve('node_modules'), join(directory, 'node_modules'));
  return serviceFolder(directory);
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
