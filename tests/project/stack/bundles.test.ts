import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { bundleFunction } from '../../../scripts/bundling/bundle-function.ts';

const directory = mkdtempSync(join(tmpdir(), 'bundles-'));
const bundled = new Map<string, { inputs: string[]; code: string }>();

/** What a function never reaches: docs/decisions/0064. */
const LEFT_OUT =
  /node_modules\/(@aws-sdk\/(credential-provider-(?!env)|nested-clients|client-sso|token-providers|endpoint-cache|middleware-endpoint-discovery)|@smithy\/credential-provider-imds|@aws-lambda-powertools\/jmespath|mnemonist)/;

beforeAll(async () => {
  for (const file of readdirSync('functions')) {
    const outfile = join(directory, file, 'index.cjs');
    const { metafile } = await bundleFunction(join('functions', file), outfile);
    bundled.set(file, { inputs: Object.keys(metafile.inputs), code: readFileSync(outfile, 'utf8') });
  }
});

afterAll(() => rmSync(directory, { recursive: true }));

test('no bundle contains a part of the SDK that a function never reaches', () => {
  const found = [...bundled].flatMap(([file, { inputs }]) =>
    inputs.filter((input) => LEFT_OUT.test(input)).map((input) => `${file}: ${input}`),
  );
  expect(found).toEqual([]);
  expect(bundled.size).toBe(7);
});

test('without the plugin, a bundle contains these parts', async () => {
  const plain = await build({
    entryPoints: ['functions/provision-rooms.ts'],
    bundle: true,
    platform: 'node',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  expect(Object.keys(plain.metafile.inputs).some((input) => LEFT_OUT.test(input))).toBe(true);
});

test('each store of values per invocation is bundled once', () => {
  for (const { inputs } of bundled.values())
    expect(inputs.filter((input) => input.endsWith('lambda-invoke-store/dist-es/invoke-store.js'))).toHaveLength(1);
});

test('the header User-Agent still states the versions of the clients', () => {
  const { version }: { version: string } = JSON.parse(
    readFileSync('node_modules/@aws-sdk/client-ivschat/package.json', 'utf8'),
  );
  expect(bundled.get('provision-rooms.ts')?.code).toContain(`"@aws-sdk/client-ivschat",version:"${version}"`);
  expect(bundled.get('provision-rooms.ts')?.code).not.toContain('AWS SDK for JavaScript Ivschat Client');
});
