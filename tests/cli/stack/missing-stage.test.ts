import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createCallGuard } from '../../../client/calls/call-guard.ts';
import { findDeployment } from '../../../client/deployment.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import {
  CALLS_NOTHING,
  COMMAND_ARGUMENTS,
  COMMAND_VARIABLES,
  COMMAND_VARIANTS,
  openCommandFiles,
} from '../../support/command-arguments.ts';
import { commandPaths } from '../../support/command-paths.ts';
import { openGateway } from '../../support/gateway-clients.ts';
import { runInProcess } from '../../support/run-in-process.ts';

/** The doctor reports each missing resource. The rooms with a name are those that IVS Chat lists, whether or not the stage exists. */
const EXCEPT = new Set(['doctor', 'status final --name']);
const lines = [...Object.entries(COMMAND_ARGUMENTS), ...COMMAND_VARIANTS].filter(
  ([path, args]) => !EXCEPT.has([path, ...args].join(' ')),
);

let gateway: Awaited<ReturnType<typeof openGateway>>;
let files: ReturnType<typeof openCommandFiles>;
beforeAll(async () => {
  files = openCommandFiles();
  gateway = await openGateway();
});
afterAll(async () => {
  files.remove();
  await gateway.close();
});

beforeEach(() => void Object.assign(process.env, COMMAND_VARIABLES, { AWS_ENDPOINT_URL: gateway.endpoint }));
afterEach(() => {
  for (const variable of [...Object.keys(COMMAND_VARIABLES), 'AWS_ENDPOINT_URL']) delete process.env[variable];
});

test('is tested with every command and subcommand', async () => {
  expect([...Object.keys(COMMAND_ARGUMENTS), ...CALLS_NOTHING].sort()).toEqual((await commandPaths()).sort());
});

test.each(lines)('%s %j says that the stage does not exist in the region', async (path, args) => {
  const { signal } = new AbortController();
  const calls = createCallGuard({ signal, environment: process.env });
  const run = await runInProcess([...files.lineOf(path, args), '--stage', 'prod'], {
    signal,
    clock: { ...systemClock, nowMs: () => Date.UTC(2026, 5, 1, 12) },
    findDeployment: (wanted) => findDeployment(wanted, { calls }),
  });
  const errors = run.err.split('\n').filter((line) => line.startsWith('error:'));
  expect({ code: run.code, errors }).toEqual({
    code: 1,
    errors: [expect.stringMatching(/^error: There is no stage prod in eu-west-1 in this account: deploy it \(.+\)/)],
  });
});

test('control: an endpoint that knows the stage is not told that it is missing', async () => {
  const calls = createCallGuard();
  await gateway.sqs.send(new CreateQueueCommand({ QueueName: 'greenroom-prod-parked' }));
  const run = await runInProcess(['parked', '--stage', 'prod'], {
    signal: new AbortController().signal,
    clock: systemClock,
    findDeployment: (wanted) => findDeployment(wanted, { calls }),
  });
  expect(run).toMatchObject({ code: 0, err: 'No messages are parked in stage prod.\n' });
});
