import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { packageProgram } from '../../../local/start/package-program.ts';
import { type CliStack, openCliStack } from '../../cli/stack/cli-stack.ts';
import { copyOfPackage, withVariables } from '../../policies/paths/world.ts';
import { codeBlocks, sampleRequest } from '../../support/markdown-recipes.ts';
import { startChild } from '../../support/run-child.ts';

const PAGE = 'docs/client.md';
const blocks = codeBlocks(PAGE).filter(({ language }) => language === 'ts');
const CONSUMER = 'Read completions';
/** The blocks of the page are one program, and a consumer. The dates of the page become dates in the future. */
const program = inFuture(blocks.flatMap(({ heading, text }) => (heading === CONSUMER ? [] : [text])).join('\n'));
const consumer = blocks.find(({ heading }) => heading === CONSUMER)?.text ?? '';

let copy: ReturnType<typeof copyOfPackage>;
let cli: CliStack;
let folder: string;
beforeAll(async () => {
  copy = copyOfPackage((_id, resource) => withVariables(resource, { GREENROOM_RELEASES: 'true' }));
  cli = await openCliStack({ templateFile: copy.templateFile });
  folder = cli.directoryWithStack();
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
  symlinkSync(resolve(), join(folder, 'node_modules/greenroom'));
  for (const name of ['node', 'aws-lambda'])
    symlinkSync(resolve('node_modules/@types', name), join(folder, 'node_modules/@types', name));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'rooms.csv'), 'key,name\nclient-page,hall\n');
});
afterAll(async () => {
  await cli.close();
  copy.remove();
});

function inFuture(text: string): string {
  const year = new Date().getUTCFullYear() + 1;
  return text.replaceAll("stage: 'prod'", "stage: 'local'").replaceAll(/'2026-12-(1\d)T/g, `'${year}-01-$1T`);
}

async function run(file: string, text: string) {
  writeFileSync(join(folder, file), text);
  const child = startChild([file], { cwd: folder });
  return { code: await child.ended, out: child.stdout, err: child.stderr };
}

test('the code compiles', () => {
  for (const [file, text] of Object.entries({ 'page.ts': program, 'consumer.ts': consumer }))
    writeFileSync(join(folder, file), text);
  const compiler = packageProgram(resolve(), 'typescript', 'tsc');
  const flags = [
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--types',
    'node',
    '--skipLibCheck',
    '--noEmit',
  ];
  const { stdout } = spawnSync(process.execPath, [compiler, ...flags, 'page.ts', 'consumer.ts'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
}, 60_000);

test('a reader sends the sample of the README first, and the programs do not use its key', async () => {
  const request = sampleRequest();
  const sent = cli.greenroom(['send', '-', '--wait'], { input: JSON.stringify(request) });
  expect({ code: await sent.ended, out: sent.stdout }).toMatchObject({ code: 0 });
  const { idempotencyKey } = request;
  const readme = codeBlocks('README.md').flatMap(({ language, text }) => (language === 'ts' ? [text] : []));
  expect([program, ...readme].filter((text) => text.includes(idempotencyKey))).toEqual([]);
});

test('the program gets its room, and the results that the page describes', async () => {
  const { code, out, err } = await run('page.ts', program);
  const arn = expect.stringMatching(/^arn:aws:ivschat:eu-west-1:\d+:room\/\w+$/);
  expect([code, err, out.split('\n')]).toEqual([0, '', [arn, 'sent unknown-event uploaded', '']]);
}, 60_000);

test('the program of the README prints its room', async () => {
  const text = codeBlocks('README.md').find(({ language }) => language === 'ts')?.text ?? '';
  const { code, out } = await run('readme.ts', inFuture(text));
  expect([code, out]).toEqual([0, expect.stringMatching(/^arn:aws:ivschat:eu-west-1:\d+:room\/\w+\n$/)]);
}, 60_000);

test('the consumer reads the events of a Lambda event', async () => {
  const sample = (name: string) => readFileSync(`events/samples/${name}.json`, 'utf8');
  const bodies = ['room-provisioned', 'room-failed', 'room-released'].map(sample);
  const event = { Records: [...bodies, '{}'].map((body) => ({ body, messageAttributes: {} })) };
  const call = `${consumer}\nawait handler(${JSON.stringify(event)} as never);\n`;
  const { code, out, err } = await run('consumer.ts', call);
  expect([code, out.split('\n').map((line) => line.split(' ')[0])]).toEqual([0, ['room', 'no', 'released', '']]);
  expect(err).toContain('neither a CloudEvent');
});

test('the kinds of the page are those of the package', () => {
  const page = readFileSync(PAGE, 'utf8');
  const source = ['key-state', 'parse-completion'].map((name) => readFileSync(`client/api/${name}.ts`, 'utf8')).join();
  const named = [...source.matchAll(/(?:kind: |Delivered<)'([a-z-]+)'/g)].map(([, kind]) => kind);
  // `event` is the kind of a delivery, which programs do not see.
  const kinds = named.filter((kind) => kind !== 'event');
  expect(new Set(kinds).size).toBe(18);
  expect(kinds.filter((kind) => !page.includes(`\`${kind}\``))).toEqual([]);
});
