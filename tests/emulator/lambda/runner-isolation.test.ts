import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import type { LambdaDefinition } from '../../../emulator/lambda/definitions.ts';
import type { LambdaFunction } from '../../../emulator/lambda/lambda-function.ts';
import { removeLeftoverTaskRoots } from '../../../emulator/lambda/task-roots.ts';
import { until } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import { createArtifacts, openFunction } from '../../support/packaged-function.ts';
import { startChild } from '../../support/run-child.ts';

const artifacts = createArtifacts();
const opened: LambdaFunction[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.stop()));
});
afterAll(() => artifacts.remove());

const BUSY = 'for (;;);';
const WAITING = 'await new Promise(() => setInterval(() => {}, 1000));';

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe.each(['thread', 'process'] as const)('a function in a %s', (isolation) => {
  async function open(files: Record<string, string>, definition: Partial<LambdaDefinition> = {}) {
    const opening = await openFunction(artifacts.add(files), isolation, { handler: 'index.handler', ...definition });
    opened.push(opening.lambda);
    return opening;
  }

  test('gets its event as JSON would transfer it', async () => {
    const { lambda } = await open({ 'index.cjs': 'exports.handler = async (event) => [Object.keys(event), event]' });
    expect(await lambda.invoke({ at: new Date(0), none: undefined })).toEqual({
      kind: 'ok',
      payload: [['at'], { at: '1970-01-01T00:00:00.000Z' }],
    });
  });

  test.each([
    ['CommonJS', { 'index.js': 'exports.handler = async () => typeof require' }, 'function'],
    [
      'an ES module by its package',
      { 'package.json': '{"type":"module"}', 'index.js': 'export const handler = async () => typeof require' },
      'undefined',
    ],
    ['an ES module by its syntax', { 'index.js': 'export const handler = async () => typeof require' }, 'undefined'],
  ])('may be %s in a .js file', async (_title, files, payload) => {
    const { lambda } = await open(files);
    expect(await lambda.invoke({})).toEqual({ kind: 'ok', payload });
  });

  test('whose response cannot be written as JSON has failed', async () => {
    const { lambda } = await open({ 'index.cjs': 'exports.handler = async () => 1n' });
    expect(await lambda.invoke({})).toMatchObject({ kind: 'function-error', error: { name: 'TypeError' } });
  });

  test.each([
    ["throw new RangeError('outside')", /outside|exit code 1/],
    ["throw 'a mere word'", /a mere word|exit code 1/],
    ["Promise.reject(new Error('forgotten'))", /forgotten|exit code 1/],
  ])('has crashed after `%s` outside its handler', async (statement, reason) => {
    const { lambda, lines } = await open({
      'index.cjs': `exports.handler = async () => { setTimeout(() => { ${statement} }, 5); ${WAITING} }`,
    });
    expect(await lambda.invoke({})).toEqual({ kind: 'crashed', reason: expect.stringMatching(reason) });
    expect(lines).toContainEqual(expect.stringContaining('The function ended:'));
  });

  test('that failed to load is loaded again for the next event', async () => {
    const marker = join(artifacts.directory, `repaired-in-${isolation}`);
    const { lambda } = await open({
      'index.cjs': `module.exports = require(require('node:fs').existsSync('${marker}') ? './good.cjs' : './bad.cjs')`,
      'good.cjs': 'let calls = 0; exports.handler = async () => (calls += 1)',
      'bad.cjs': 'exports.handler = async () => {',
    });
    expect(await lambda.invoke({})).toMatchObject({ kind: 'function-error', error: { name: 'SyntaxError' } });
    writeFileSync(marker, '');
    expect(await lambda.invoke({})).toEqual({ kind: 'ok', payload: 1 });
    expect(await lambda.invoke({})).toEqual({ kind: 'ok', payload: 2 });
  });

  test('whose file is not in the package fails with an error that names the file', async () => {
    const { lambda } = await open({ 'other.cjs': '' });
    expect(await lambda.invoke({})).toMatchObject({
      kind: 'function-error',
      error: { message: expect.stringMatching(/There is no .*index\.js, \.cjs or \.mjs/) },
    });
  });

  test('does not disturb the runner with its own messages', async () => {
    const { lambda } = await open({
      'index.cjs': `
        const { parentPort } = require('node:worker_threads');
        exports.handler = async () => {
          for (const message of ['hello', { kind: 'unheard-of' }]) parentPort ? parentPort.postMessage(message) : process.send(message);
          return 'answer';
        }`,
    });
    expect(await lambda.invoke({})).toEqual({ kind: 'ok', payload: 'answer' });
  });

  test.each([
    ['waits', WAITING],
    ['never yields the processor', BUSY],
  ])('ends immediately if it is stopped while it %s, and leaves nothing behind', async (_title, forever) => {
    const { lambda, lines } = await open(
      {
        'index.cjs': `exports.handler = async () => {
          console.log(process.env.LAMBDA_TASK_ROOT);
          await new Promise((resolve) => setTimeout(resolve, 20));
          ${forever}
        }`,
      },
      { timeoutSeconds: 600 },
    );
    const invoked = lambda.invoke({});
    const taskRoot = await until(async () => lines[0]);
    const pids = lambda.pids();
    expect(existsSync(taskRoot)).toBe(true);
    expect(pids.map(isRunning)).toEqual(isolation === 'process' ? [true] : []);

    const stoppedAtMs = Date.now();
    await lambda.stop();
    expect(Date.now() - stoppedAtMs).toBeLessThan(1000);
    expect(await invoked).toEqual({ kind: 'crashed', reason: 'stopped' });
    expect(existsSync(taskRoot)).toBe(false);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  test('no longer runs when its timeout is reported', async () => {
    const file = join(artifacts.directory, `written-in-${isolation}`);
    const { lambda } = await open(
      {
        'index.cjs': `exports.handler = async (event) => {
          for (let count = 0; event.file; count += 1) require('node:fs').writeFileSync(event.file, String(count));
        }`,
      },
      { timeoutSeconds: 1 },
    );
    const invoked = lambda.invoke({ file });
    const pids = lambda.pids();
    expect(await invoked).toEqual({ kind: 'timeout' });
    const written = readFileSync(file, 'utf8');
    expect(pids.filter(isRunning)).toEqual([]);
    expect(lambda.pids()).toEqual([]);
    expect(await lambda.invoke({})).toEqual({ kind: 'ok', payload: null });
    expect(readFileSync(file, 'utf8')).toBe(written);
  });

  test('may be stopped twice', async () => {
    const { lambda } = await open({ 'index.cjs': 'exports.handler = async () => 1' });
    await lambda.invoke({});
    await Promise.all([lambda.stop(), lambda.stop()]);
    await lambda.stop();
    expect(await lambda.invoke({})).toEqual({ kind: 'crashed', reason: 'stopped' });
  });
});

test('a package that is not a zip file is refused', async () => {
  const artifact = join(artifacts.directory, 'no.zip');
  writeFileSync(artifact, 'this is not a zip file');
  await expect(openFunction(artifact, 'thread')).rejects.toThrow('invalid zip data');
});

test('a function in a process does not outlive its runner', async () => {
  const artifact = artifacts.add({ 'index.cjs': `exports.handler = async () => { ${WAITING} }` });
  const runner = join(artifacts.directory, 'runner.ts');
  const definition = { logicalId: 'F', name: 'f', arn: 'f', handler: 'index.handler', environment: {} };
  writeFileSync(
    runner,
    `import { createLambdaFunction } from '${join(import.meta.dirname, '../../../emulator/lambda/lambda-function.ts')}';
     // A killed runner cannot clean up, so its folder is inside this test's folder.
     process.env.TMPDIR = '${artifacts.directory}';
     const lambda = await createLambdaFunction(
       ${JSON.stringify({ ...definition, timeoutSeconds: 600, memoryMb: 64, artifact })},
       { isolation: 'process', region: 'eu-west-1', accessKeyId: 'local', extraEnvironment: {}, onLog: () => undefined },
     );
     lambda.invoke({});
     console.log('pid ' + lambda.pids()[0] + '.');`,
  );
  const child = startChild([runner], { cwd: artifacts.directory });
  await child.printed(/pid \d+\./);
  const pid = Number(must(/pid (\d+)/.exec(child.stdout)?.[1]));
  expect(isRunning(pid)).toBe(true);
  child.process.kill('SIGKILL');
  await child.ended;
  await until(async () => (isRunning(pid) ? undefined : true));

  // The killed runner has left its directory. The next stack removes it, but not the directory of a process that is running.
  const directories = () => readdirSync(artifacts.directory).filter((name) => name.startsWith('greenroom-function-'));
  const [left = '', ...others] = directories();
  expect([left.includes(`-${child.process.pid}-`), others]).toEqual([true, []]);
  const own = left.replace(`-${child.process.pid}-`, `-${process.pid}-`);
  mkdirSync(join(artifacts.directory, own));
  removeLeftoverTaskRoots(artifacts.directory);
  expect(directories()).toEqual([own]);
});
