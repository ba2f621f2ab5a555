import { globSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import * as z from 'zod';

/** The packages that the build copies into the functions or the command line, so that nobody has to install them. */
const BUNDLED = [
  '@aws-lambda-powertools/idempotency',
  '@aws-lambda-powertools/logger',
  '@aws-lambda-powertools/metrics',
  '@aws-sdk/credential-provider-env',
  '@middy/core',
  '@smithy/property-provider',
  'commander',
];

const { dependencies } = z
  .object({ dependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')));

/** The packages that a source imports, also for its types. */
function packagesIn(source: string): string[] {
  return [...source.matchAll(/(?:from |^import |import\()'((?:@[^/']+\/)?[^./'][^/']*)[^']*'/gm)]
    .map(([, name = '']) => name)
    .filter((name) => !name.startsWith('node:'));
}

const sources = globSync('{functions,lib,client,cli,scripts/bundling/replacements}/**/*.ts');
const used = sources.flatMap((file) => packagesIn(readFileSync(file, 'utf8')).map((name) => ({ file, name })));

test('functions, lib, client and cli import only dependencies, and packages that the build bundles', () => {
  const known = new Set([...Object.keys(dependencies), ...BUNDLED]);
  // `@types/aws-lambda` contains only types.
  expect(used.filter(({ name }) => !known.has(name) && name !== 'aws-lambda')).toEqual([]);
  expect(BUNDLED.filter((name) => !used.some((each) => each.name === name))).toEqual([]);
});

test('control: a package for development is found in every form of an import', () => {
  const source = `import 'one/file.js';
import type { Two } from '@scope/two/file';
const three = await import('three');
export { four } from 'four';
import five from './five.js';
import six from 'node:fs';
`;
  expect(packagesIn(source)).toEqual(['one', '@scope/two', 'three', 'four']);
});
