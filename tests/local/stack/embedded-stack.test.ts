import { createServer } from 'node:http';
import { join } from 'node:path';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateRoomCommand, ListRoomsCommand } from '@aws-sdk/client-ivschat';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { roleIdOf } from '../../../emulator/template/role-id.ts';
import { completionSchema } from '../../../lib/contract/completion.ts';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import type { ScheduleRates } from '../../../local/scheduled-rules.ts';
import type { Stack } from '../../../local/stack.ts';
import { templateFile } from '../../../local/start/make-package.ts';
import {
  createQueue,
  OPEN_TO_SERVICES,
  queueAttributes,
  receive,
  sendAll,
  until,
} from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import {
  bodiesIn,
  closeStacks,
  collect,
  emptied,
  type Fixture,
  FUNCTION,
  fixture,
  ivsChatClient,
  newDirectory,
  open,
  removeFiles,
} from './embedded-stack-fixture.ts';

const GREENROOM = templateFile(join(import.meta.dirname, '../../..'));

afterEach(closeStacks);
afterAll(removeFiles);

const numbered = (count: number) => Array.from({ length: count }, (_, index) => ({ body: String(index) }));

describe.each(['thread', 'process'] as const)('with functions in a %s', (isolation) => {
  test('a calm stack runs the function once for each message, and the function reaches the emulated AWS', async () => {
    // Longer than ten cold starts take on a busy machine, so that they do not cause a second delivery.
    const Inbox = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'inbox', VisibilityTimeout: 60 } };
    const templateFile = fixture({ resources: { Inbox } });
    const { stack, sqs, inbox, outbox, logs, errors } = await open({ isolation, templateFile });
    await sendAll(sqs, inbox, numbered(30));
    await emptied(sqs, inbox);
    expect(await bodiesIn(sqs, outbox)).toEqual(
      numbered(30)
        .map(({ body }) => body)
        .sort(),
    );
    expect(logs).toContain('fixture-hand-on: called');
    expect(stack.skipped).toEqual({});
    await stack.stop();
    expect(errors).toEqual([]);
  });

  test('the sender of a function’s message is a session of the function’s role, with the name of the function', async () => {
    const { sqs, inbox, outbox } = await open({ isolation });
    await sendAll(sqs, inbox, numbered(1));
    const message = await until(async () => (await receive(sqs, outbox))[0], 20_000);
    expect(message.Attributes?.SenderId).toBe(`${roleIdOf('Role')}:${FUNCTION.FunctionName}`);
  });

  test('a stack that is not calm delivers some messages twice', async () => {
    const { sqs, inbox, outbox } = await open({ isolation, calm: false });
    await sendAll(sqs, inbox, numbered(100));
    await emptied(sqs, inbox);
    const bodies = await bodiesIn(sqs, outbox);
    expect(bodies.length).toBeGreaterThan(100);
    expect(new Set(bodies).size).toBe(100);
  });

  test('a message that is under way when the stack stops is delivered again by the next stack', async () => {
    const dataDir = newDirectory();
    const first = await open({ isolation, dataDir });
    await sendAll(first.sqs, first.inbox, [{ body: 'hang at first' }]);
    await until(async () => first.logs.length > 0 || undefined);
    const pids = first.stack.functions.flatMap((each) => each.pids());
    expect(pids).toHaveLength(isolation === 'process' ? 1 : 0);
    const stoppedAtMs = Date.now();
    await first.stack.stop();
    expect(Date.now() - stoppedAtMs).toBeLessThan(3500);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');

    const second = await open({ isolation, dataDir });
    expect(await collect(second.sqs, second.outbox, 1)).toEqual(['hang at first']);
  });

  test('greenroom itself creates one room per key, and still knows the keys after a restart', async () => {
    const dataDir = newDirectory();
    const first = await open({ templateFile: GREENROOM, isolation, dataDir });
    const watched = await createQueue(first.sqs, { Policy: OPEN_TO_SERVICES });
    await first.sns.send(
      new SubscribeCommand({
        TopicArn: first.stack.outputs.CompletionTopic,
        Protocol: 'sqs',
        Endpoint: watched.arn,
        Attributes: { RawMessageDelivery: 'true' },
      }),
    );
    const body = JSON.stringify({ idempotencyKey: 'final/main', room: { name: 'main' } });
    await sendAll(first.sqs, must(first.stack.outputs.InteractiveQueue), [{ body }]);
    const [made] = await collect(first.sqs, watched.url, 1);
    const rooms = first.stack.ivsChat.rooms();
    expect(rooms).toMatchObject([{ name: 'main' }]);
    await first.stack.stop();

    const second = await open({ templateFile: GREENROOM, isolation, dataDir });
    expect(second.stack.ivsChat.rooms()).toEqual(rooms);
    const { Item } = await second.dynamoDb.send(
      new GetItemCommand({
        TableName: must(second.stack.outputs.LedgerTable),
        Key: { id: { S: ledgerKey('final/main') } },
      }),
    );
    expect(Item).toMatchObject({ status: { S: 'COMPLETED' } });
    await sendAll(second.sqs, must(second.stack.outputs.InteractiveQueue), [{ body }]);
    const [replayed] = await collect(second.sqs, `${second.stack.endpoint}/000000000000/${watched.name}`, 1);
    const idOf = (text: string | undefined) => completionSchema.parse(JSON.parse(must(text))).id;
    expect(idOf(replayed)).toBe(idOf(made));
    expect(second.stack.ivsChat.rooms()).toHaveLength(1);
  });
});

/** How many of a hundred CreateRoom calls fail. */
async function failuresOf({ stack }: { stack: Stack }): Promise<number> {
  stack.ivsChat.setQuotas({ tps: { CreateRoom: 10_000 }, burst: 1000 });
  const client = ivsChatClient(stack);
  const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => client.send(new CreateRoomCommand({}))));
  client.destroy();
  return outcomes.filter(({ status }) => status === 'rejected').length;
}

test('IVS Chat loses some answers and turns others into errors, but not in a calm stack', async () => {
  expect(await failuresOf(await open({ calm: false }))).toBeGreaterThan(0);
  expect(await failuresOf(await open({ calm: true }))).toBe(0);
});

test('IVS Chat has the signature lifetime and the listing lag that the template configures for its functions', async () => {
  const variables = (lifetime: string, lag: string) => ({
    variables: { GREENROOM_SIGNATURE_LIFETIME_SECONDS: lifetime, GREENROOM_LISTING_LAG_SECONDS: lag },
  });
  const roomsOf = async ({ stack }: { stack: Stack }) => {
    const [late, punctual] = [ivsChatClient(stack, 20_000), ivsChatClient(stack)];
    await late.send(new CreateRoomCommand({ name: 'late' })).catch(() => undefined);
    await punctual.send(new CreateRoomCommand({ name: 'punctual' }));
    const { rooms = [] } = await punctual.send(new ListRoomsCommand({}));
    for (const client of [late, punctual]) client.destroy();
    return { made: stack.ivsChat.rooms().map(({ name }) => name), listed: rooms.length };
  };
  const strict = await open({ templateFile: fixture(variables('1', '1000')) });
  expect(await roomsOf(strict)).toEqual({ made: ['punctual'], listed: 0 });
  const lenient = await open({ templateFile: fixture(variables('60', '0.001')) });
  expect(await roomsOf(lenient)).toEqual({ made: ['late', 'punctual'], listed: 2 });
});

test('IVS Chat has its admin interface over HTTP', async () => {
  const { stack } = await open();
  const admin = (path: string, body?: object) =>
    fetch(`${stack.endpoint}/_greenroom/ivschat/${path}`, body && { method: 'POST', body: JSON.stringify(body) });
  await admin('faults', { operation: 'CreateRoom', fault: { lostResponse: true } });
  const client = ivsChatClient(stack);
  await expect(client.send(new CreateRoomCommand({ name: 'lost' }))).rejects.toThrow();
  client.destroy();
  expect(await (await admin('rooms')).json()).toMatchObject({ rooms: [{ name: 'lost' }] });
});

test('a function can be invoked by its name', async () => {
  const { stack } = await open();
  expect(await stack.invoke('hand-on', { answer: 42 })).toEqual({ kind: 'ok', payload: { answer: 42 } });
  await expect(stack.invoke('nobody', {})).rejects.toThrow('no function named nobody');
});

test('a disabled event-source mapping receives nothing', async () => {
  const resources = {
    Disabled: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: { 'Fn::GetAtt': ['Idle', 'Arn'] },
        FunctionName: { 'Fn::GetAtt': ['HandOn', 'Arn'] },
        Enabled: false,
      },
    },
    Idle: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'idle' } },
  };
  const { stack, sqs, inbox, outbox } = await open({ templateFile: fixture({ resources }) });
  const idle = `${stack.endpoint}/000000000000/idle`;
  await sendAll(sqs, idle, [{ body: 'left' }]);
  await sendAll(sqs, inbox, [{ body: 'taken' }]);
  expect(await collect(sqs, outbox, 1)).toEqual(['taken']);
  expect(await queueAttributes(sqs, idle)).toMatchObject({
    ApproximateNumberOfMessages: '1',
    ApproximateNumberOfMessagesNotVisible: '0',
  });
});

describe('a rule', () => {
  const rule = (changes: object) => ({
    Type: 'AWS::Events::Rule',
    Properties: {
      ScheduleExpression: 'rate(1 minute)',
      Targets: [{ Arn: { 'Fn::GetAtt': ['HandOn', 'Arn'] }, Id: 'hand-on' }],
      ...changes,
    },
  });
  const permission = {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      FunctionName: { 'Fn::GetAtt': ['HandOn', 'Arn'] },
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: { 'Fn::GetAtt': ['EveryMinute', 'Arn'] },
    },
  };
  const resources = { EveryMinute: rule({}), Never: rule({ State: 'DISABLED' }), Permission: permission };
  const openWith = (schedules?: ScheduleRates) =>
    open({ templateFile: fixture({ resources }), ...(schedules && { schedules }) });

  /** The status and the body of the call that runs the schedules of a function. */
  async function runOverHttp(endpoint: string, name: string): Promise<[number, unknown]> {
    const body = JSON.stringify({ function: name });
    const response = await fetch(`${endpoint}/_greenroom/schedules/run`, { method: 'POST', body });
    return [response.status, await response.json()];
  }

  test('invokes its function at a shorter rate', async () => {
    const { logs } = await openWith({ atLeastEveryMs: 500 });
    await until(async () => (logs.length >= 2 ? true : undefined), 25_000);
    expect(new Set(logs)).toEqual(new Set(['fixture-hand-on: called']));
  });

  test.each<[string, ScheduleRates | undefined]>([
    ['if schedules are off', 'off'],
    ['besides the rate of the template', undefined],
  ])('invokes its function by hand %s', async (_when, schedules) => {
    const { stack, logs } = await openWith(schedules);
    const event = { 'detail-type': 'Scheduled Event', source: 'aws.events' };
    expect(await stack.runSchedules('hand-on')).toMatchObject([{ kind: 'ok', payload: event }]);
    expect(await runOverHttp(stack.endpoint, 'hand-on')).toMatchObject([200, { results: [{ kind: 'ok' }] }]);
    expect(logs).toEqual(['fixture-hand-on: called', 'fixture-hand-on: called']);
    await expect(stack.runSchedules('absent')).rejects.toThrow(
      'No schedule invokes a function whose name ends with absent',
    );
    expect(await runOverHttp(stack.endpoint, 'absent')).toEqual([
      400,
      {
        problems: [
          { path: 'function', message: 'must be the end of the name of a function with a schedule: fixture-hand-on' },
        ],
      },
    ]);
  });

  test('that is disabled, or that the policy of its function does not permit, does not invoke the function', async () => {
    const { Permission: _, ...unpermitted } = resources;
    const denied: string[] = [];
    const { stack, logs } = await open({
      templateFile: fixture({ resources: unpermitted }),
      onDenied: ({ action }) => denied.push(action),
    });
    // Only the enabled rule has a result.
    expect(await stack.runSchedules('hand-on')).toEqual([{ kind: 'refused' }]);
    expect([logs, denied]).toEqual([[], ['lambda:InvokeFunction']]);
  });
});

test('two stacks can run at the same time', async () => {
  const [left, right] = await Promise.all([open(), open({ isolation: 'process' })]);
  await sendAll(left.sqs, left.inbox, [{ body: 'left' }]);
  await sendAll(right.sqs, right.inbox, [{ body: 'right' }]);
  expect(await collect(left.sqs, left.outbox, 1)).toEqual(['left']);
  expect(await collect(right.sqs, right.outbox, 1)).toEqual(['right']);
  await left.stack.stop();
  await sendAll(right.sqs, right.inbox, [{ body: 'still there' }]);
  expect(await collect(right.sqs, right.outbox, 1)).toEqual(['still there']);
});

test('a stack can be stopped twice, even at the same time', async () => {
  const { stack } = await open({ dataDir: newDirectory() });
  await Promise.all([stack.stop(), stack.stop()]);
  await stack.stop();
  await expect(fetch(stack.endpoint)).rejects.toThrow('fetch failed');
});

describe('a stack that cannot be started', () => {
  const openServers = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length;

  test.each<[string, Fixture, RegExp]>([
    [
      'a resource has an unknown type',
      { resources: { Stream: { Type: 'AWS::Kinesis::Stream' } } },
      /^Stream is of type/,
    ],
    [
      'a package is missing',
      {
        resources: { Other: { Type: 'AWS::Lambda::Function', Properties: { ...FUNCTION, Code: { S3Key: 'no.zip' } } } },
      },
      /no\.zip/,
    ],
    [
      'a mapping names no function',
      {
        resources: {
          Mapping: {
            Type: 'AWS::Lambda::EventSourceMapping',
            Properties: { EventSourceArn: { 'Fn::GetAtt': 'Inbox.Arn' }, FunctionName: 'arn:nobody' },
          },
        },
      },
      /no function named arn:nobody/,
    ],
    [
      'no function has the signature lifetime',
      { variables: { GREENROOM_SIGNATURE_LIFETIME_SECONDS: '' } },
      /GREENROOM_SIGNATURE_LIFETIME_SECONDS/,
    ],
  ])('because %s reports that, stops listening, and releases its data directory', async (_title, broken, message) => {
    const dataDir = newDirectory();
    const before = openServers();
    await expect(open({ templateFile: fixture(broken), dataDir })).rejects.toThrow(message);
    expect(openServers()).toBe(before);
    const { stack } = await open({ dataDir });
    expect(openServers()).toBe(before + 1);
    await stack.stop();
  });

  test('because its port is taken reports that, and releases its data directory', async () => {
    const dataDir = newDirectory();
    const taker = createServer();
    await new Promise<void>((resolve) => taker.listen(0, '127.0.0.1', resolve));
    const { port } = z.object({ port: z.number() }).parse(taker.address());
    await expect(open({ port, dataDir })).rejects.toThrow('EADDRINUSE');
    await new Promise((resolve) => taker.close(resolve));
    const { stack } = await open({ port, dataDir });
    expect(stack.endpoint).toBe(`http://127.0.0.1:${port}`);
  });

  test('because another stack has its data directory does not disturb the other stack', async () => {
    const dataDir = newDirectory();
    const { stack } = await open({ dataDir });
    await expect(open({ dataDir })).rejects.toThrow('is in use by');
    const client = ivsChatClient(stack);
    await client.send(new CreateRoomCommand({ name: 'kept' }));
    client.destroy();
    await stack.stop();
    expect((await open({ dataDir })).stack.ivsChat.rooms()).toMatchObject([{ name: 'kept' }]);
  });
});
