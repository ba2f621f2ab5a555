import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, ListQueuesCommand, ListQueueTagsCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CliDependencies } from '../../../cli/cli-context.ts';
import { statusJson } from '../../../cli/print/status-json.ts';
import type { Deployment } from '../../../client/deployment.ts';
import { readRequestStatus } from '../../../client/operate/request-status.ts';
import { completionSchema } from '../../../lib/contract/completion.ts';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { until } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import { runInProcess } from '../../support/run-in-process.ts';
import { type CliStack, openCliStack } from './cli-stack.ts';

const EVENTS = resolve('events/samples');

let cli: CliStack;
let greenroom: CliStack['greenroom'];

beforeAll(async () => {
  cli = await openCliStack();
  greenroom = cli.greenroom;
});

afterAll(() => cli.close());

/** The context of a command in this process. */
function contextWith(changes: Partial<Deployment> = {}): CliDependencies {
  const deployment = { ...cli.deployment, ...changes, close: () => undefined };
  return { signal: new AbortController().signal, clock: systemClock, findDeployment: async () => deployment };
}

const here = (...args: string[]) => runInProcess(args, contextWith());

function file(name: string, lines: (object | string)[]): string {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  writeFileSync(join(cli.cwd, name), text);
  return name;
}

/** The same file, for a command in this process. */
const path = (name: string, lines: (object | string)[]) => join(cli.cwd, file(name, lines));

async function temporaryQueues(): Promise<string[]> {
  const command = new ListQueuesCommand({ QueueNamePrefix: 'greenroom-local-watch-' });
  return (await cli.deployment.sqs.send(command)).QueueUrls ?? [];
}

// This test is the first, because other tests leave parked messages, which the doctor rightly finds.
describe('doctor', () => {
  test('for the embedded stack says what the stack lacks, and finds what is wrong with the rest', async () => {
    const healthy = greenroom(['doctor']);
    expect(await healthy.ended).toBe(0);
    expect(healthy.stdout).toContain(
      'not checked: alarms: the embedded stack does not emulate cloudformation:ListStackResources',
    );
    expect(healthy.stdout).toMatch(/^ok {2}queue policies$/m);
    expect(healthy.stdout).toMatch(/^Result: 0 errors, 0 warnings, \d+ not checked\.$/m);
    expect(await greenroom(['doctor', '--strict']).ended).toBe(1);
    const absent = 'arn:aws:ivschat:eu-west-1:000000000000:logging-configuration/absent';
    const request = { idempotencyKey: 'logged', room: { loggingConfigurationIdentifiers: [absent] } };
    const ill = greenroom(['doctor', '--request', file('logged.json', [request])]);
    expect(await ill.ended).toBe(1);
    expect(ill.stdout).toContain(`${absent} (line 1) does not exist (logging-configuration-missing)`);
  });
});

describe('send', () => {
  test('with --quiet prints no notes, and with --verbose each call without its content', async () => {
    const sending = greenroom(['send', join(EVENTS, 'bare.json'), '--quiet', '--verbose']);
    expect(await sending.ended).toBe(0);
    expect(sending.stdout).toBe('');
    expect(sending.stderr).toMatch(/^(\w+ \w+: \d+ ms\n)+$/);
    expect(sending.stderr).toMatch(/^SQS SendMessageBatch: \d+ ms$/m);
  });

  test('sends a file of requests and reports their number', async () => {
    const sending = greenroom(['send', join(EVENTS, 'bare.json')]);
    expect(await sending.ended).toBe(0);
    expect(sending.stderr).toMatch(
      /^Read .* as UTF-8, .*, 1 message\nSent 1 of 1 requests to the interactive lane of stage local\.\n$/,
    );
  });

  test('reads standard input, and with --wait prints the completion of each request', async () => {
    const input = ['one', 'two', 'one'].map((key) => `{"idempotencyKey":"stdin/${key}","room":{}}\n`).join('');
    const sending = greenroom(['send', '-', '--lane', 'bulk', '--wait'], { input });
    expect(await sending.ended).toBe(0);
    const outcomes = sending.stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/ {2,}/).slice(1, 4).join(' '));
    expect(outcomes.sort()).toEqual([
      'created stdin/one eu-west-1',
      'created stdin/two eu-west-1',
      'existing stdin/one eu-west-1',
    ]);
    expect(sending.stderr).toContain('3 of 3 requests to the bulk lane');
    expect(sending.stderr).toContain('3 provisioned (2 new, 1 already had its room), 0 failed, 0 without an outcome.');
    expect(await temporaryQueues()).toEqual([]);
  });

  const flawed = [
    { idempotencyKey: 'flawed/good', room: {} },
    '',
    { idempotencyKey: 'flawed/bad', room: { name: 'no spaces', maximumMessageLength: 0 }, tenant: 'x y' },
    '{"idempotencyKey":',
  ];

  test('names all problems of each line, sends the other lines, and exits with an error', async () => {
    const sending = greenroom(['send', file('flawed.ndjson', flawed)]);
    expect(await sending.ended).toBe(1);
    expect(sending.stderr).toMatch(/^line 3 \(flawed\/bad\) is not a valid request: not sent/m);
    for (const path of ['room.name', 'room.maximumMessageLength', 'tenant'])
      expect(sending.stderr).toMatch(new RegExp(`^ {2}${path}: \\S+`, 'm'));
    expect(sending.stderr).toMatch(/^line 4 is not a valid request: not sent.*\n {2}the whole message: is not JSON/m);
    expect(sending.stderr).toContain('Sent 1 of 3 requests');
  });

  test('refuses keys and rosters that are reserved for greenroom before it sends anything', async () => {
    const lines = [
      { idempotencyKey: 'live/final/main', room: {} },
      { idempotencyKey: 'reserved/roster', room: {}, roster: 'live/final/1' },
    ];
    const sending = greenroom(['send', file('reserved.ndjson', lines)]);
    expect(await sending.ended).toBe(1);
    expect(sending.stderr).toMatch(
      /^line 1 \(live\/final\/main\) .*\n {2}idempotencyKey: must not begin with "live\/"/m,
    );
    expect(sending.stderr).toMatch(/^line 2 \(reserved\/roster\) .*\n {2}roster: must be left out/m);
    expect(sending.stderr).toContain('Sent 0 of 2 requests');
  });

  test('--unchecked sends invalid lines too; the service announces them as failed, and the command exits with an error', async () => {
    const sending = greenroom(['send', file('flawed.ndjson', flawed), '--unchecked', '--wait']);
    expect(await sending.ended).toBe(1);
    expect(sending.stderr).toContain('Sent 3 of 3 requests');
    // The first test has sent the valid line, too. Whether it had its room before this test does not matter.
    expect(sending.stderr).toMatch(
      /^1 provisioned( \(0 new, 1 already had its room\))?, 2 failed, 0 without an outcome\.$/m,
    );
    expect(sending.stdout).toMatch(/failed {4}flawed\/bad .*invalid-request: room\.name: may contain only/);
    expect(sending.stdout).toMatch(/failed {4}\(no readable key\) .*unparseable: is not JSON/);
  });

  test('--wait ends at its time limit and names the open requests, which continue', async () => {
    const watching = greenroom(['watch', '--key', 'slow', '--count', '1']);
    await watching.printed(/Watching/);
    cli.stack.ivsChat.inject({ operation: 'CreateRoom', region: 'us-west-2', times: 1, fault: { latencyMs: 2_500 } });
    const input = '{"idempotencyKey":"slow","room":{},"region":"us-west-2"}';
    const sending = greenroom(['send', '-', '--wait', '--timeout', '1'], { input });
    expect(await sending.ended).toBe(1);
    expect(sending.stderr).toMatch(/^error: Not done within 1 seconds: no completion for line 1 \(slow\)/m);
    expect(await watching.ended).toBe(0);
    expect(await temporaryQueues()).toEqual([]);
  });

  test('--output arn prints only the ARNs of the rooms, in the order of the requests, whether or not the rooms are new', async () => {
    const requests = ['one', 'two', 'three'].map((key) => ({
      idempotencyKey: `arn/${key}`,
      room: {},
      region: 'us-east-1',
    }));
    const roomOf = (out: string) => out.trim().split('\n');
    const first = await here('send', path('arn.ndjson', requests), '--wait', '--output', 'arn');
    expect(first).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^(arn:aws:ivschat:us-east-1:\d+:room\/\w+\n){3}$/),
    });
    const again = await here('send', path('back.ndjson', requests.toReversed()), '--wait', '--output', 'arn');
    expect(roomOf(again.out)).toEqual(roomOf(first.out).toReversed());
    expect(again.err).toContain('3 provisioned (0 new, 3 already had their room), 0 failed');
    const invalid = { idempotencyKey: 'arn/invalid', room: { name: 'no spaces' } };
    const mixed = path('mixed.ndjson', [requests[0] ?? {}, invalid]);
    const partly = await here('send', mixed, '--unchecked', '--wait', '--output', 'arn');
    expect(partly).toMatchObject({ code: 1, out: `${roomOf(first.out)[0]}\n` });
    expect(partly.err).toMatch(/failed {4}arn\/invalid .*room\.name: may contain only/);
  });

  test('--wait --json prints one completion for each request', async () => {
    const requests = ['a', 'a', 'b'].map((key) => ({ idempotencyKey: `json/${key}`, room: {}, region: 'us-east-1' }));
    const { code, out } = await here('send', path('json.ndjson', requests), '--wait', '--json');
    const completions = out
      .trim()
      .split('\n')
      .map((line) => completionSchema.parse(JSON.parse(line)));
    expect([code, completions.map(({ subject }) => subject).sort()]).toEqual([0, ['json/a', 'json/a', 'json/b']]);
  });

  test.each([
    ['a file that does not exist', ['send', 'nowhere.ndjson'], /^error: Cannot read nowhere\.ndjson: .*no such file/m],
    ['a directory', ['send', '.'], /^error: Cannot read \.: .*illegal operation on a directory/m],
    ['an empty file', ['send', '/dev/null'], /^error: \/dev\/null contains no requests/m],
    [
      'a region other than that of the stack',
      ['send', '-', '--region', 'us-east-1'],
      /is in eu-west-1, not in us-east-1/,
    ],
  ])('%s is refused in one line', async (_what, args, message) => {
    const sending = greenroom(args);
    expect(await sending.ended).toBe(1);
    expect(sending.stderr).toMatch(message);
    expect(sending.stderr.trim().split('\n')).toHaveLength(1);
  });
});

test('Ctrl-C is the normal end of the console, which removes its temporary queue', async () => {
  const running = greenroom(['console']);
  await running.printed(/Ctrl-C ends the console/);
  running.process.kill('SIGINT');
  expect(await running.ended).toBe(0);
  expect(running.stderr).not.toMatch(/interrupted/i);
  expect(await temporaryQueues()).toEqual([]);
});

describe('watch', () => {
  test('--json prints the CloudEvents, --count ends the command, and the temporary queue is deleted', async () => {
    const watching = greenroom(['watch', '--json', '--count', '2']);
    await watching.printed(/Watching the completions of stage local/);
    const [queue] = await temporaryQueues();
    const { Tags } = await cli.deployment.sqs.send(new ListQueueTagsCommand({ QueueUrl: queue }));
    expect(Tags).toEqual({ 'greenroom:temporary': 'true' });
    const input = ['a', 'b'].map((key) => `{"idempotencyKey":"watch/${key}","room":{}}\n`).join('');
    expect(await greenroom(['send', '-'], { input }).ended).toBe(0);
    expect(await watching.ended).toBe(0);
    const completions = watching.stdout
      .trim()
      .split('\n')
      .map((line) => completionSchema.parse(JSON.parse(line)));
    expect(completions.map(({ subject }) => subject).sort()).toEqual(['watch/a', 'watch/b']);
    expect(await temporaryQueues()).toEqual([]);
  });

  test('--key shows only the completions of one request, one per line', async () => {
    const watching = greenroom(['watch', '--key', 'key/wanted', '--count', '1']);
    await watching.printed(/Watching/);
    const input =
      '{"idempotencyKey":"key/other","room":{}}\n{"idempotencyKey":"key/wanted","room":{"name":"wanted"}}\n';
    // Because of --wait, the completion of the other key is published before the last one of the watched key.
    expect(await greenroom(['send', '-', '--wait'], { input }).ended).toBe(0);
    expect(await watching.ended).toBe(0);
    expect(watching.stdout).toMatch(/^\S+Z {2}created {3}key\/wanted {2}eu-west-1 {2}wanted {2}arn:aws:ivschat:\S+\n$/);
  });

  test('--key prints the stored outcome of a key and ends; the ledger is read only after the queue is subscribed', async () => {
    const input = path('stored.ndjson', [
      { idempotencyKey: 'stored/room', room: {} },
      { idempotencyKey: 'stored/refused', room: {} },
    ]);
    cli.stack.ivsChat.inject({ operation: 'CreateRoom', times: 1, fault: { error: 'ValidationException' } });
    const sent = await here('send', input, '--wait', '--json');
    const completions = sent.out
      .trim()
      .split('\n')
      .map((line) => completionSchema.parse(JSON.parse(line)));
    const queuesAtReading: number[] = [];
    const reading = Object.assign(Object.create(cli.deployment.dynamodb), {
      async send(command: GetItemCommand) {
        queuesAtReading.push((await temporaryQueues()).length);
        return cli.deployment.dynamodb.send(command);
      },
    });
    for (const completion of completions) {
      const key = must(completion.subject);
      const watched = await runInProcess(['watch', '--key', key, '--json'], contextWith({ dynamodb: reading }));
      expect(watched.code).toBe(completion.data.outcome === 'failed' ? 1 : 0);
      expect(JSON.parse(watched.out)).toEqual(completion);
    }
    expect(queuesAtReading).toEqual([1, 1]);
    expect(await temporaryQueues()).toEqual([]);
  });

  test('Ctrl-C ends the command without an error, and leaves no queue behind', async () => {
    const watching = greenroom(['watch']);
    await watching.printed(/Watching/);
    expect(await temporaryQueues()).toHaveLength(1);
    watching.process.kill('SIGINT');
    expect(await watching.ended).toBe(130);
    expect(watching.stderr).toMatch(/Press Ctrl-C to stop\.\nInterrupted\n$/);
    expect(await temporaryQueues()).toEqual([]);
  });

  test('the command ends when its output is no longer read', async () => {
    const watching = greenroom(['watch']);
    await watching.printed(/Watching/);
    watching.process.stdout?.destroy();
    expect(await greenroom(['send', join(EVENTS, 'bare.json')]).ended).toBe(0);
    expect(await watching.ended).toBe(141);
    expect(watching.stderr).toMatch(/Press Ctrl-C to stop\.\n$/);
    expect(await temporaryQueues()).toEqual([]);
  });
});

describe('status', () => {
  test('of a key that was never claimed says so, with exit code 1', async () => {
    const unknown = greenroom(['status', 'status/unknown', '--parked']);
    expect(await unknown.ended).toBe(1);
    expect(unknown.stdout).toMatch(
      /The ledger has no item for this key: no worker has claimed the key yet, its\nrequest is invalid, or the item has expired\.\nnot found in the parked queue\n$/,
    );
    const json = greenroom(['status', 'status/unknown', '--json']);
    expect(await json.ended).toBe(1);
    const ids = { idempotencyKey: 'status/unknown', ledgerKey: ledgerKey('status/unknown') };
    expect(JSON.parse(json.stdout)).toEqual({ ...ids, state: 'unknown' });
  });

  test('of a request that has its room shows its history and how long the key is kept', async () => {
    const sending = greenroom(['send', '-'], { input: '{"idempotencyKey":"status/room","room":{}}' });
    expect(await sending.ended).toBe(0);
    const { completion, rememberedUntil } = await until(async () => {
      const subject = { idempotencyKey: 'status/room', ledgerKey: ledgerKey('status/room') };
      const json = statusJson(subject, await readRequestStatus(cli.deployment, subject.ledgerKey), Date.now());
      return json.state === 'completed' ? json : undefined;
    });
    const status = greenroom(['status', 'status/room']);
    expect(await status.ended).toBe(0);
    const lines = status.stdout
      .replaceAll(/^\S+T\S+Z/gm, 'TIME')
      .replace(/arn:aws:ivschat:\S+/, 'ARN')
      .split('\n');
    expect(lines).toEqual([
      `status/room  (ledger key ${ledgerKey('status/room')})  eu-west-1`,
      '-                         claimed (generation 0)',
      'TIME  CreateRoom was about to be sent: from then on, a room may exist',
      'TIME  decided: room created: ARN',
      `-                         completion ${(completion as { id: string }).id}`,
      '-                         completed: the completion was published',
      'TIME  the ledger keeps the key until then',
      '',
    ]);
    expect(Date.parse(String(rememberedUntil)) - Date.now()).toBeGreaterThan(89 * 86_400_000);
  });
});

describe('the stage local', () => {
  test('without a running stack, the error says how to start one', async () => {
    const sending = greenroom(['send', join(EVENTS, 'bare.json')], { cwd: cli.emptyDirectory() });
    expect(await sending.ended).toBe(1);
    expect(sending.stderr).toMatch(/^error: No local stack is running here .*npm start.*--stage dev/);
  });

  test('the file that a killed stack has left is ignored', async () => {
    const nobodyListens = 'http://127.0.0.1:1';
    const watching = greenroom(['watch'], { cwd: cli.directoryWithStack({ endpoint: nobodyListens }) });
    expect(await watching.ended).toBe(1);
    expect(watching.stderr).toContain('No local stack is running here');
  });
});

describe('a directory below that of the stack', () => {
  const below = () => {
    const directory = join(cli.cwd, 'below');
    mkdirSync(directory, { recursive: true });
    return directory;
  };

  test('uses the stack, and says so unless --quiet is given', async () => {
    const listing = greenroom(['events', '--all', '--json'], { cwd: below() });
    expect(await listing.ended).toBe(0);
    expect(listing.stderr).toMatch(/^Using the local stack of \S*greenroom-cli-\w+\.$/m);
    const quiet = greenroom(['events', '--all', '--json', '--quiet'], { cwd: below() });
    expect(await quiet.ended).toBe(0);
    expect(quiet.stderr).not.toContain('Using');
  });

  test('top prints the queues and regions once if standard output is not a terminal', async () => {
    const child = greenroom(['top'], { cwd: below() });
    expect(await child.ended).toBe(0);
    expect(child.stdout).toMatch(/^queue +visible +in flight\ninteractive +\d+ +\d+\nbulk .*\nus-east-1 +/s);
  });

  test('env prints what other programs need in order to call the stack', async () => {
    const child = greenroom(['env', '--json'], { cwd: below() });
    expect(await child.ended).toBe(0);
    const { AWS_REGION: region, AWS_ENDPOINT_URL: endpoint, ...rest } = JSON.parse(child.stdout);
    const sqs = new SQSClient({ region, endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
    for (const queue of ['interactive', 'bulk', 'live-events']) {
      const QueueUrl = rest[`GREENROOM_${queue.toUpperCase().replace('-', '_')}_QUEUE_URL`];
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
      expect(Attributes?.QueueArn).toMatch(new RegExp(`:greenroom-local-${queue}$`));
    }
    sqs.destroy();
    expect(rest).toMatchObject({
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: 'local',
      GREENROOM_MANIFEST_BUCKET: await cli.deployment.manifestBucket(),
      GREENROOM_COMPLETION_TOPIC_ARN: await cli.deployment.completionTopicArn(),
    });
  });
});

describe('usage', () => {
  test('an unknown lane is a usage error', async () => {
    const child = greenroom(['send', '-', '--lane', 'fast']);
    expect(await child.ended).toBe(2);
    expect(child.stdout).toBe('');
    expect(child.stderr).toContain('(for help: greenroom send --help)');
  });

  test.each([[['send', '--help']]])('%j shows examples', async (args) => {
    const child = greenroom(args);
    expect(await child.ended).toBe(0);
    expect(child.stdout).toMatch(/^Usage: greenroom.*\nExamples:\n {2}\$ /s);
  });

  test('--version prints the version of the package', async () => {
    const child = greenroom(['--version']);
    expect(await child.ended).toBe(0);
    expect(child.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
