import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import type { LambdaDefinition } from '../../../emulator/lambda/definitions.ts';
import type { InvocationResult } from '../../../emulator/lambda/execution-environment.ts';
import type { LambdaFunction } from '../../../emulator/lambda/lambda-function.ts';
import { until } from '../../support/gateway-clients.ts';
import { createArtifacts, openFunction } from '../../support/packaged-function.ts';

const artifacts = createArtifacts();
const opened: LambdaFunction[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.stop()));
});
afterAll(() => artifacts.remove());

describe.each(['thread', 'process'] as const)('a function in a %s', (isolation) => {
  async function open(
    body: string,
    definition: Partial<LambdaDefinition> = {},
    extraEnvironment: Record<string, string> = {},
  ) {
    const artifact = artifacts.add({ 'dist/index.cjs': body });
    const { lambda, lines } = await openFunction(artifact, isolation, definition, extraEnvironment);
    opened.push(lambda);
    return { lambda, lines };
  }

  test('answers with what its handler returns, as JSON', async () => {
    const { lambda } = await open(
      `exports.handler = async (event) => ({ got: event, at: new Date(0), none: undefined })`,
    );
    expect(await lambda.invoke({ a: [1, 'ü'] })).toEqual({
      kind: 'ok',
      payload: { got: { a: [1, 'ü'] }, at: '1970-01-01T00:00:00.000Z' },
    });
  });

  test('that returns nothing answers null', async () => {
    const { lambda } = await open(`exports.handler = async () => {}`);
    expect(await lambda.invoke({})).toEqual({ kind: 'ok', payload: null });
  });

  test('may be an ES module', async () => {
    const artifact = artifacts.add({
      'index.mjs': `export const run = async () => import.meta.url.endsWith('/index.mjs')`,
    });
    const { lambda } = await openFunction(artifact, isolation, { handler: 'index.run' });
    opened.push(lambda);
    expect(await lambda.invoke({})).toEqual({ kind: 'ok', payload: true });
  });

  test('stays warm: later events find the same module state, even after an error', async () => {
    const { lambda } = await open(
      `let calls = 0; exports.handler = async (event) => { calls += 1; if (event.fail) throw new TypeError('no'); return calls; }`,
    );
    expect(await lambda.invoke({})).toEqual({ kind: 'ok', payload: 1 });
    expect(await lambda.invoke({ fail: true })).toMatchObject({
      kind: 'function-error',
      error: { name: 'TypeError', message: 'no', stack: expect.stringContaining('index.cjs') },
    });
    expect(await lambda.invoke({})).toEqual({ kind: 'ok', payload: 3 });
  });

  test('runs one event at a time in each environment, and has as many environments as concurrent events', async () => {
    const { lambda } = await open(
      `let running = 0, calls = 0;
       exports.handler = async () => {
         running += 1; calls += 1;
         const seen = { running, calls };
         await new Promise((resolve) => setTimeout(resolve, 100));
         running -= 1;
         return seen;
       }`,
    );
    const results = await Promise.all([lambda.invoke({}), lambda.invoke({}), lambda.invoke({})]);
    expect(results).toEqual(Array(3).fill({ kind: 'ok', payload: { running: 1, calls: 1 } }));
    expect(await lambda.invoke({})).toEqual({ kind: 'ok', payload: { running: 1, calls: 2 } });
  });

  test.each([
    ['waits forever', 'new Promise(() => setInterval(() => {}, 1000))'],
    ['never yields the processor', '{ for (;;); }'],
  ])('that %s is ended at its timeout, and the next event starts cold', async (_title, forever) => {
    const { lambda, lines } = await open(
      `let calls = 0; exports.handler = async (event) => { calls += 1; if (event.hang) await ${forever.startsWith('{') ? `(() => ${forever})()` : forever}; return calls; }`,
      { timeoutSeconds: 1 },
    );
    await lambda.invoke({});
    const startedAtMs = Date.now();
    expect(await lambda.invoke({ hang: true })).toEqual({ kind: 'timeout' });
    expect(Date.now() - startedAtMs).toBeGreaterThanOrEqual(990);
    expect(lines).toContain('{"level":"ERROR","message":"Task timed out after 1 seconds"}');
    expect(await lambda.invoke({})).toEqual({ kind: 'ok', payload: 1 });
  });

  test('that exits has crashed, and the next event starts cold', async () => {
    const { lambda } = await open(
      `let calls = 0; exports.handler = async (event) => { calls += 1; if (event.exit) process.exit(3); return calls; }`,
    );
    await lambda.invoke({});
    expect(await lambda.invoke({ exit: true })).toEqual({ kind: 'crashed', reason: 'exit code 3' });
    expect(await lambda.invoke({})).toEqual({ kind: 'ok', payload: 1 });
  });

  test('that crashed between two events starts cold for the second event, which succeeds', async () => {
    const marker = join(artifacts.directory, `died-in-${isolation}`);
    const { lambda } = await open(
      `let calls = 0;
       exports.handler = async (event) => {
         calls += 1;
         if (event.marker) setTimeout(() => { require('node:fs').writeFileSync(event.marker, ''); process.exit(9); }, 20);
         return calls;
       }`,
    );
    expect(await lambda.invoke({ marker })).toEqual({ kind: 'ok', payload: 1 });
    await until(async () => existsSync(marker) || undefined);
    const results: InvocationResult[] = [];
    await until(async () => {
      const result = await lambda.invoke({});
      results.push(result);
      return (result.kind === 'ok' && result.payload === 1) || undefined;
    });
    // The second event may still reach the environment that is ending, but not the one that has ended.
    expect(results).not.toContainEqual({ kind: 'crashed', reason: 'the environment had already ended' });
  });

  test('that uses more than its memory has crashed, but the same function with enough memory has not', async () => {
    const body = `exports.handler = async () => {
      const kept = [];
      for (let i = 0; i < 60; i += 1) kept.push(Array.from({ length: 2 ** 17 }, (_, n) => n + 0.5));
      return kept.length;
    }`;
    const small = await open(body, { memoryMb: 32 });
    expect(await small.lambda.invoke({})).toMatchObject({ kind: 'crashed' });
    const large = await open(body, { memoryMb: 512 });
    expect(await large.lambda.invoke({})).toEqual({ kind: 'ok', payload: 60 });
  });

  test('that cannot be loaded fails with the reason for every event', async () => {
    const { lambda } = await open(`throw new RangeError('no configuration')`);
    const failed = { kind: 'function-error', error: { name: 'RangeError', message: 'no configuration' } };
    expect(await lambda.invoke({})).toMatchObject(failed);
    expect(await lambda.invoke({})).toMatchObject(failed);
  });

  test('whose handler does not exist fails with an error that names the handler', async () => {
    const { lambda } = await open(`exports.handler = 1`);
    expect(await lambda.invoke({})).toMatchObject({
      kind: 'function-error',
      error: { message: expect.stringMatching(/index\.cjs exports no function handler/) },
    });
  });

  test("gets Lambda's complete context", async () => {
    const { lambda } = await open(
      `exports.handler = async (_event, context) => ({ ...context, remaining: context.getRemainingTimeInMillis() })`,
      { name: 'greenroom-test', timeoutSeconds: 7 },
    );
    const [first, second] = [await lambda.invoke({}), await lambda.invoke({})];
    const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(first).toEqual({
      kind: 'ok',
      payload: {
        callbackWaitsForEmptyEventLoop: true,
        functionName: 'greenroom-test',
        functionVersion: '$LATEST',
        invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:greenroom-test',
        memoryLimitInMB: '128',
        awsRequestId: uuid,
        logGroupName: '/aws/lambda/greenroom-test',
        logStreamName: expect.any(String),
        remaining: expect.any(Number),
      },
    });
    expect(second).not.toEqual(first);
  });

  test('has less time remaining the longer it runs', async () => {
    const { lambda } = await open(
      `exports.handler = async (_event, { getRemainingTimeInMillis: remaining }) => {
        const before = remaining();
        await new Promise((resolve) => setTimeout(resolve, 200));
        return [before, remaining()];
      }`,
      { timeoutSeconds: 5 },
    );
    const result = await lambda.invoke({});
    const [before = 0, after = 0] = result.kind === 'ok' && Array.isArray(result.payload) ? result.payload : [];
    expect(before).toBeLessThanOrEqual(5000);
    expect(before).toBeGreaterThan(4500);
    expect(before - after).toBeGreaterThanOrEqual(195);
    expect(before - after).toBeLessThan(1500);
  });

  test("has its own variables, Lambda's and the stack's, and none of the runner's", async () => {
    process.env.GREENROOM_TEST_LEAK = 'leaked';
    const { lambda } = await open(
      `exports.handler = async () => ({ ...process.env })`,
      { environment: { OWN: 'yes' } },
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
    );
    const result = await lambda.invoke({});
    delete process.env.GREENROOM_TEST_LEAK;
    expect(result).toMatchObject({
      kind: 'ok',
      payload: {
        OWN: 'yes',
        AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
        AWS_REGION: 'eu-west-1',
        AWS_DEFAULT_REGION: 'eu-west-1',
        AWS_LAMBDA_FUNCTION_NAME: 'sample',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
        LAMBDA_TASK_ROOT: expect.any(String),
        _HANDLER: 'dist/index.handler',
        TZ: ':UTC',
      },
    });
    const names = Object.keys(result.kind === 'ok' ? Object(result.payload) : {});
    const lambdas = /^(AWS_|LAMBDA_|_HANDLER$|TZ$|OWN$|NODE_CHANNEL_)/;
    expect(names.filter((name) => !lambdas.test(name))).toEqual([]);
  });

  test('has one log line for each line that it prints', async () => {
    const { lambda, lines } = await open(
      `exports.handler = async () => { console.log('one\\ntwo'); console.error('three'); process.stdout.write('fo'); process.stdout.write('ur\\n'); }`,
    );
    await lambda.invoke({});
    await until(async () => (lines.length === 4 ? true : undefined));
    expect(lines.toSorted()).toEqual(['four', 'one', 'three', 'two']);
  });

  test('that is stopped in the middle of an event has crashed, and does not start again', async () => {
    const { lambda, lines } = await open(
      `exports.handler = async () => { console.log('begun'); await new Promise(() => setInterval(() => {}, 1000)); }`,
    );
    const running = lambda.invoke({});
    await until(async () => (lines.includes('begun') ? true : undefined));
    await lambda.stop();
    expect(await running).toMatchObject({ kind: 'crashed' });
    expect(await lambda.invoke({})).toMatchObject({ kind: 'crashed' });
    expect(lambda.pids()).toEqual([]);
  });
});

describe('a process', () => {
  test('can be killed from outside in the middle of an event, and leaves nothing behind', async () => {
    const artifact = artifacts.add({
      'dist/index.cjs': `exports.handler = async () => { console.log('begun'); await new Promise(() => setInterval(() => {}, 1000)); }`,
    });
    const { lambda, lines } = await openFunction(artifact, 'process');
    opened.push(lambda);
    const running = lambda.invoke({});
    await until(async () => (lines.includes('begun') ? true : undefined));
    const [pid = 0] = lambda.pids();
    process.kill(pid, 'SIGKILL');
    expect(await running).toEqual({ kind: 'crashed', reason: 'signal SIGKILL' });
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(lambda.pids()).toEqual([]);
  });

  test('finishes its event when Ctrl-C reaches it, because the runner decides when it ends', async () => {
    const artifact = artifacts.add({
      'dist/index.cjs': `exports.handler = async () => {
        console.log('begun');
        await new Promise((resolve) => setTimeout(resolve, 300));
        return 'done';
      }`,
    });
    const { lambda, lines } = await openFunction(artifact, 'process');
    opened.push(lambda);
    const running = lambda.invoke({});
    await until(async () => lines.includes('begun') || undefined);
    for (const pid of lambda.pids()) process.kill(pid, 'SIGINT');
    expect(await running).toEqual({ kind: 'ok', payload: 'done' });
  });
});
