import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import type { LambdaDefinition } from '../../emulator/lambda/definitions.ts';
import type { Isolation } from '../../emulator/lambda/isolates.ts';
import { createLambdaFunction } from '../../emulator/lambda/lambda-function.ts';

/** Creates a directory for packages like that of `serverless package`. */
export function createArtifacts() {
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-artifacts-'));
  let count = 0;
  return {
    directory,
    /** Adds a package with these files. @returns its path */
    add(files: Record<string, string>, name = `function-${++count}`): string {
      const artifact = join(directory, `${name}.zip`);
      mkdirSync(directory, { recursive: true });
      writeFileSync(
        artifact,
        zipSync(Object.fromEntries(Object.entries(files).map(([path, source]) => [path, strToU8(source)]))),
      );
      return artifact;
    },
    remove: () => rmSync(directory, { recursive: true }),
  };
}

/** Creates a function from a package with a CommonJS handler, unless the definition says otherwise, and collects its log lines. */
export async function openFunction(
  artifact: string,
  isolation: Isolation,
  definition: Partial<LambdaDefinition> = {},
  extraEnvironment: Record<string, string> = {},
) {
  const lines: string[] = [];
  const name = definition.name ?? 'sample';
  const lambda = await createLambdaFunction(
    {
      logicalId: 'Sample',
      name,
      arn: `arn:aws:lambda:eu-west-1:000000000000:function:${name}`,
      handler: 'dist/index.handler',
      environment: {},
      timeoutSeconds: 10,
      memoryMb: 128,
      artifact,
      ...definition,
    },
    {
      isolation,
      region: 'eu-west-1',
      accessKeyId: 'local',
      extraEnvironment,
      onLog: (_name, line) => lines.push(line),
    },
  );
  return { lambda, lines };
}
