import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { sha256 } from '../../lib/contract/keys.ts';
import { openServiceFolder } from './service-folder.ts';

const packagedSchema = z.object({ template: z.string(), printed: z.string() });
/** The CloudFormation template as JSON, and what `serverless package` printed. */
export type Packaged = z.output<typeof packagedSchema>;

/**
 * Packages the service for a stage. Many test files need the same templates, so a template is packaged only once in a run of the tests, in
 * the directory that the global setup creates.
 * @param params of the deployment, such as `alarmEmail`
 * @throws what `serverless package` printed, if it fails
 */
export function packageTemplate(stage: string, params: Record<string, string> = {}): Packaged {
  const args = ['--stage', stage, ...Object.entries(params).map(([name, value]) => `--param=${name}=${value}`)];
  const directory = process.env.GREENROOM_TEST_TEMPLATES;
  const file = directory && join(directory, `${sha256(JSON.stringify(args))}.json`);
  if (file && existsSync(file)) return packagedSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const packaged = runPackage(args);
  if (file) {
    // Another test process may read the file at any time.
    const unfinished = `${file}.${process.pid}`;
    writeFileSync(unfinished, JSON.stringify(packaged));
    renameSync(unfinished, file);
  }
  return packaged;
}

function runPackage(args: readonly string[]): Packaged {
  const service = openServiceFolder();
  try {
    const { status, output } = service.serverless('package', ...args);
    if (status !== 0) throw new Error(output);
    return { template: readFileSync(service.templateFile, 'utf8'), printed: output };
  } finally {
    service.remove();
  }
}
