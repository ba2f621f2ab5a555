import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { BUDGETS_PATH, problemsOfBudgets, readBudgets } from '../../../scripts/bundling/budgets.ts';

/** The packaged functions. The setup of the tests has built them. */
const bundled = new Map(
  readdirSync('functions').map((file) => {
    const path = join('dist', file.replace(/\.ts$/, ''), 'index.cjs');
    const { sources }: { sources: string[] } = JSON.parse(readFileSync(`${path}.map`, 'utf8'));
    return [file, { path, inputs: sources, code: readFileSync(path, 'utf8') }];
  }),
);

/** What a function never reaches, and zod's own classes, in place of which lib uses zod/mini: docs/decisions/0064. */
const LEFT_OUT =
  /node_modules\/(@aws-sdk\/(credential-provider-(?!env)|nested-clients|client-sso|token-providers|endpoint-cache|middleware-endpoint-discovery)|@smithy\/credential-provider-imds|@aws-lambda-powertools\/jmespath|mnemonist|zod\/v4\/classic)/;

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

test('no bundle contains the texts of the published JSON Schemas', () => {
  const texts = new Set(readdirSync('events/schemas').flatMap((file) => textsIn(`events/schemas/${file}`)));
  expect(texts.size).toBeGreaterThan(50);
  const found = [...bundled].flatMap(([file, { code }]) =>
    [...texts].filter((text) => code.includes(text)).map((text) => `${file}: ${text}`),
  );
  expect(found).toEqual([]);
});

test('the problems of a wrong environment have their texts', () => {
  for (const { path } of bundled.values()) {
    const { stderr } = spawnSync(process.execPath, [path], {
      encoding: 'utf8',
      env: { GREENROOM_STAGE: 'a b', AWS_REGION: 'eu-west-1' },
    });
    expect(stderr).toContain('The environment of this function is invalid:');
    expect(stderr).toContain('GREENROOM_COMPLETION_TOPIC_ARN: Invalid input: expected string, received undefined');
  }
});

/** The part of each description that no notation of a string changes. */
function textsIn(path: string): string[] {
  const described = readFileSync(path, 'utf8').matchAll(/"description": "([^"\\'`$]{30,})/g);
  return [...described].map(([, text = '']) => text);
}

test('each packaged bundle is within its budget', () => {
  const sizes = [...bundled].map(([file, { path }]) => [file.replace(/\.ts$/, ''), statSync(path).size]);
  expect(problemsOfBudgets(Object.fromEntries(sizes), readBudgets(readFileSync(BUDGETS_PATH, 'utf8')))).toEqual([]);
});
