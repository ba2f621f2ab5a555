import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateRoomCommand } from '@aws-sdk/client-ivschat';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { statusJson } from '../../../cli/print/status-json.ts';
import { readRequestStatus } from '../../../client/operate/request-status.ts';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import { until } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import { type CliStack, openCliStack } from './cli-stack.ts';
import {
  openOnlyParkedQueue,
  openParkedQueueUnderTest,
  type ParkedQueueUnderTest,
  QUEUE_ARN,
  sendTo,
} from './parked-queue.ts';

/** Bodies that SQS accepts but that programs easily change: not JSON, astral characters, white space at both ends, no final newline. */
const ODD_BODY = ' \t{"é": "\u{1f3ad}\u2028",\r\n\n "n": 1.0}  \n \u0085';

let cli: CliStack;
let queue: ParkedQueueUnderTest;

beforeAll(async () => {
  cli = await openCliStack();
  queue = await openParkedQueueUnderTest(cli.deployment);
});

afterAll(() => cli.close());
afterEach(() => queue.purge());

/** Runs a command to its end. */
async function run(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string; lines: string[] }> {
  const child = cli.greenroom(args);
  const code = await child.ended;
  const { stdout, stderr } = child;
  return { code, stdout, stderr, lines: stdout.trimEnd().split('\n') };
}

function request(key: string): string {
  return JSON.stringify({ idempotencyKey: key, room: {} });
}

async function listed(): Promise<Record<string, unknown>[]> {
  const { lines } = await run('parked', '--json');
  return lines.map((line) => JSON.parse(line));
}

async function statusOf(idempotencyKey: string): Promise<Record<string, unknown>> {
  const subject = { idempotencyKey, ledgerKey: ledgerKey(idempotencyKey) };
  return statusJson(subject, await readRequestStatus(cli.deployment, subject.ledgerKey), Date.now());
}

/** The status of a request after it is answered. */
function untilCompleted(key: string, generation: number): Promise<Record<string, unknown>> {
  return until(async () => {
    const status = await statusOf(key);
    return status.state === 'completed' && status.generation === generation ? status : undefined;
  });
}

describe('pace', () => {
  const setOn = async (region: string) => {
    const { lines } = await run('pace', 'show', '--json');
    const { regions } = JSON.parse(must(lines[0]));
    return regions.find((each: { region: string }) => each.region === region);
  };

  test('pauses a lane in a region without affecting the other lane or other regions, and resumes it', async () => {
    const paused = await run('pace', 'pause', 'eu-west-1', '--lane', 'bulk', '--for', '1h');
    expect(paused).toMatchObject({ code: 0, stderr: '' });
    expect(paused.lines[1]).toMatch(/^eu-west-1 .*bulk paused until 20\d\d-/);
    await sendTo(cli.deployment, await cli.deployment.queueUrl('bulk'), request('pace/bulk'));
    await sendTo(cli.deployment, await cli.deployment.queueUrl('interactive'), request('pace/interactive'));
    await untilCompleted('pace/interactive', 0);
    expect(await until(async () => (await statusOf('pace/bulk')).waitsFor)).toMatchObject({ reason: 'paused' });
    expect(await setOn('eu-west-1')).toMatchObject({
      lanes: [
        { lane: 'interactive', paused: false },
        { lane: 'bulk', paused: true },
      ],
    });
    expect((await run('pace', 'resume', 'eu-west-1')).lines[1]).not.toContain('paused');
    await untilCompleted('pace/bulk', 0);
  }, 60_000);

  test('sets and restores the rate of a region or lane', async () => {
    const limited = await run('pace', 'rate', '2.5', 'us-east-1', 'us-west-2');
    expect(limited.lines.slice(1).map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
      ['us-east-1', '2.49', '2.5'],
      ['us-west-2', '2.49', '2.5'],
    ]);
    expect((await run('pace', 'rate', '1', '--all', '--lane', 'bulk')).lines).toHaveLength(8);
    expect(await setOn('us-east-1')).toMatchObject({
      ceiling: 2.5,
      lanes: [{ lane: 'interactive' }, { lane: 'bulk', ceiling: 1 }],
    });
    for (const lane of [[], ['--lane', 'bulk']]) await run('pace', 'rate', 'default', '--all', ...lane);
    expect(await setOn('us-east-1')).not.toHaveProperty('ceiling');
  });

  test('shows the queues and every region', async () => {
    const { code, lines } = await run('pace');
    expect(code).toBe(0);
    expect(lines.filter((line) => /^(ap|eu|us)-/.test(line))).toHaveLength(7);
    expect(lines.slice(-3).map((line) => line.replace(/:.*/, ''))).toEqual(['interactive', 'bulk', 'redrive']);
  });

  test.each([
    [['pause'], 2, 'Name regions (us-east-1, '],
    [['pause', 'eu-west-1', '--all'], 2, 'Name regions or --all, not both'],
    [['pause', 'eu-west-2'], 2, 'Allowed choices are us-east-1, '],
    [['pause', '--all', '--for', '30'], 2, 'a number with a unit, such as 90s, 30m, 2h or 1d'],
    [['rate', '0', '--all'], 2, 'a number above zero'],
    [['rate', '500', '--all'], 2, 'between 0.01 and 100'],
    [['rate', '3', '--all', '--lane', 'slow'], 2, 'Allowed choices are interactive, bulk'],
  ])('refuses %j', async (args, code, message) => {
    const refused = await run('pace', ...args);
    expect(refused.code).toBe(code);
    expect(refused.stderr).toContain(message);
  });
});

describe('status of rooms', () => {
  const ROOM = 'arn:aws:ivschat:eu-west-1:000000000000:room/AbCdEf123456';

  test('finds the request of a room by its ARN and by its name', async () => {
    const room = { name: 'of-rooms' };
    const body = JSON.stringify({ idempotencyKey: 'status/of-rooms', room });
    await sendTo(cli.deployment, await cli.deployment.queueUrl('interactive'), body);
    const { roomArn } = await untilCompleted('status/of-rooms', 0);
    const byArn = await run('status', String(roomArn), '--json');
    expect(byArn.code).toBe(0);
    expect(JSON.parse(must(byArn.lines[0]))).toMatchObject({
      roomArn,
      idempotencyKey: 'status/of-rooms',
      state: 'completed',
      generation: 0,
    });
    const byName = await until(async () => {
      const found = await run('status', '--name', 'of-rooms');
      return found.code === 0 ? found : undefined;
    });
    expect(byName.lines[0]).toBe(`${roomArn}  (ledger key ${ledgerKey('status/of-rooms')})  eu-west-1`);
    expect(byName.lines[1]).toMatch(/^- +the key is status\/of-rooms$/);
  }, 60_000);

  test.each([
    [[ROOM], 1, 'There is no room arn:aws:ivschat:eu-west-1:'],
    [[ROOM.replace('eu-west-1', 'eu-west-2')], 1, 'IVS Chat is not available in eu-west-2'],
    [['--name', 'no-such-room'], 1, 'There is no room with the name no-such-room.'],
    [['--name', 'no-such-room', '--parked'], 2, '--parked looks for an idempotency key'],
  ])('reports what is wrong with %j', async (args, expected, message) => {
    const { code, stderr } = await run('status', ...args);
    expect(code).toBe(expected);
    expect(stderr).toContain(message);
  });

  test('says that a room belongs to another program', async () => {
    const { arn } = await cli.deployment.ivsChat('eu-west-1').send(new CreateRoomCommand({ name: 'foreign' }));
    const { code, stdout } = await run('status', must(arn));
    expect(code).toBe(1);
    expect(stdout).toContain('another program created it');
  });
});

describe('status of a room of another deployment', () => {
  // The ledger of this deployment may know the key too. Even so, the room does not belong to this deployment.
  const KEY = ledgerKey('status/of-rooms');

  test.each([
    ['another stage', 'test.us-east-1', 'another deployment created the room: use --stage test --region us-east-1'],
    ['this stage in another region', 'local.us-east-1', 'use --stage local --region us-east-1'],
    ['another stage of release 0.1.0', 'test', 'another deployment created the room: use --stage test'],
    ['no stage', undefined, 'the room has no stage in its tags'],
  ])('names the options that select that deployment: %s', async (_of, stage, problem) => {
    const tags = { 'greenroom:key': KEY, ...(stage !== undefined && { 'greenroom:stage': stage }) };
    const { arn } = await cli.deployment.ivsChat('eu-west-1').send(new CreateRoomCommand({ tags }));
    const shown = await run('status', must(arn));
    expect(shown).toMatchObject({ code: 1, stderr: '' });
    expect(shown.stdout.trimEnd()).toMatch(new RegExp(`^${arn}  .*${problem}$`));
    const json = await run('status', must(arn), '--json');
    expect(json.code).toBe(1);
    expect(JSON.parse(must(json.lines[0]))).toMatchObject({ roomArn: arn, state: 'foreign' });
  });

  test('control: a room with the tag of this deployment belongs to it', async () => {
    const tags = { 'greenroom:key': KEY, 'greenroom:stage': 'local.eu-west-1' };
    const { arn } = await cli.deployment.ivsChat('eu-west-1').send(new CreateRoomCommand({ tags }));
    expect((await run('status', must(arn))).stdout).toContain(`(ledger key ${KEY})`);
  });
});

describe('parked', () => {
  test('lists the parked messages, one per line, counts them by reason, and removes none', async () => {
    const id = await queue.park('no JSON');
    await queue.park(request('parked/dead'), { reason: 'dead-lettered', sourceQueue: `${QUEUE_ARN}bulk-dead-letters` });
    await queue.park('also none');
    await sendTo(cli.deployment, queue.url, 'somebody sent this here by hand');
    const listing = await run('parked');
    expect(listing.code).toBe(0);
    const rows = listing.lines.slice(1).map((line) => line.split(/ {2,}/));
    expect(rows).toHaveLength(4);
    expect(rows).toContainEqual([
      id.slice(0, 8),
      '2026-01-01T00:00:05.000Z',
      'unparseable',
      'interactive',
      '3 x',
      '7',
      '(no readable key)',
    ]);
    expect(rows).toContainEqual(expect.arrayContaining(['dead-lettered', 'bulk-dead-letters', 'parked/dead']));
    expect(rows).toContainEqual(expect.arrayContaining(['unreadable-note', '-', '31']));
    expect(listing.stderr).toBe('Parked in stage local: 2 unparseable, 1 dead-lettered, 1 unreadable-note.\n');
    expect(await queue.counts()).toEqual({ visible: 4, hidden: 0 });
  });

  test('--json prints all fields, --reason selects messages, and an empty queue is not an error', async () => {
    await queue.park(ODD_BODY, { extra: 'kept' });
    await queue.park(request('parked/json'), { reason: 'dead-lettered' });
    expect(await listed()).toContainEqual(
      expect.objectContaining({ body: ODD_BODY, note: expect.objectContaining({ extra: 'kept', receiveCount: 3 }) }),
    );
    const picked = await run('parked', 'list', '--reason', 'dead-lettered', '--json');
    expect(picked.lines.map((line) => JSON.parse(line).idempotencyKey)).toEqual(['parked/json']);
    const none = await run('parked', '--reason', 'damaged-item');
    expect([none.code, none.stdout, none.stderr]).toEqual([
      0,
      '',
      'No damaged-item messages are parked in stage local.\n',
    ]);
  });

  test('show --raw prints the body byte for byte; without --raw, the note comes first', async () => {
    const id = await queue.park(ODD_BODY);
    const raw = await run('parked', 'show', id.slice(0, 6), '--raw');
    expect([raw.code, raw.stdout, raw.stderr]).toEqual([0, ODD_BODY, '']);
    const shown = await run('parked', 'show', id);
    expect(shown.stdout).toContain('"sourceQueue": "arn:aws:sqs:eu-west-1:000000000000:greenroom-local-interactive"');
    expect(shown.stdout.endsWith(`}\n\n${ODD_BODY}\n`)).toBe(true);
    expect(await queue.counts()).toEqual({ visible: 1, hidden: 0 });
  });

  test('lists several hundred messages once each, and mentions those that another command holds', async () => {
    for (let index = 0; index < 300; index += 20)
      await Promise.all(Array.from({ length: 20 }, (_, offset) => queue.park(request(`many/${index + offset}`))));
    const keys = (await listed()).map(({ idempotencyKey }) => idempotencyKey);
    expect(keys).toHaveLength(300);
    expect(new Set(keys).size).toBe(300);
    const first = cli.greenroom(['parked']);
    await first.printed(/many/);
    await until(async () => ((await queue.counts()).visible === 0 ? true : undefined));
    first.process.kill('SIGSTOP');
    const second = await run('parked');
    first.process.kill('SIGCONT');
    first.process.kill('SIGINT');
    expect(second.stderr).toMatch(/^About 300 messages were not visible/);
    expect(await first.ended).toBe(130);
    expect(first.stderr).toMatch(/Parked in stage local: \d+ unparseable\.\nInterrupted\n$/);
    expect(await queue.counts()).toEqual({ visible: 300, hidden: 0 });
  });

  test('leaves all messages visible if its output is no longer read', async () => {
    await Promise.all(Array.from({ length: 30 }, (_, index) => queue.park(request(`pipe/${index}`))));
    const listing = cli.greenroom(['parked', '--json']);
    listing.process.stdout?.destroy();
    await listing.ended;
    expect(await queue.counts()).toEqual({ visible: 30, hidden: 0 });
  });
});

describe('parked remove', () => {
  test('removes only the named messages, and prints them first', async () => {
    const [first] = [await queue.park(ODD_BODY), await queue.park('other')];
    await queue.untilVisible(2);
    const removed = await run('parked', 'remove', first.slice(0, 12), '--yes');
    expect(removed).toMatchObject({ code: 0, stderr: 'Removed 1 of 1 messages of stage local.\n' });
    expect(JSON.parse(must(removed.lines[0]))).toMatchObject({ id: first, body: ODD_BODY });
    expect((await queue.theOnly()).body).toBe('other');
  }, 60_000);

  test('removes a message without a readable note, which cannot be sent back', async () => {
    const id = await sendTo(cli.deployment, await cli.deployment.queueUrl('parked'), 'foreign');
    await queue.untilVisible(1);
    expect(await run('redrive', id, '--yes')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('stays parked'),
    });
    await queue.untilVisible(1);
    expect(await run('parked', 'remove', id, '--yes')).toMatchObject({ code: 0 });
    expect(await queue.counts()).toEqual({ visible: 0, hidden: 0 });
  }, 60_000);

  test('removes nothing if a message may have no outcome yet', async () => {
    const ids = [await queue.park('unreadable'), await queue.park(request('open'), { reason: 'outcome-unknown' })];
    await queue.untilVisible(2);
    const refused = await run('parked', 'remove', ...ids, '--yes');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('was parked as outcome-unknown and may have no outcome yet: nothing was removed');
    await queue.untilVisible(2);
  }, 60_000);

  test('requires the id of a message', async () => {
    const unknown = await run('parked', 'remove', '3f2a', '--yes');
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('No visible parked message has an id that begins with 3f2a');
  }, 60_000);
});

describe('redrive', () => {
  test('sends a parked message back unchanged through the redrive queue, with its attributes, its lane and the operator’s deadline', async () => {
    const attributes = {
      trace: { DataType: 'String.custom', StringValue: 'a b' },
      bytes: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255, 10]) },
    };
    await sendTo(cli.deployment, await cli.deployment.queueUrl('bulk'), ODD_BODY, attributes);
    const first = await queue.theOnly();
    const beforeMs = Date.now();
    const neededBy = new Date(beforeMs + 3_600_000).toISOString();
    const redriven = await run('redrive', first.id, '--yes', '--needed-by', neededBy);
    expect([redriven.code, redriven.stderr]).toEqual([0, 'Sent back 1 of 1 messages of stage local.\n']);
    expect(redriven.stdout).toBe(`1/1  sent back to bulk: ${first.id.slice(0, 8)} (no readable key)\n`);
    const second = await queue.theOnly();
    expect(second.note).toMatchObject({ reason: 'unparseable', sourceQueue: `${QUEUE_ARN}redrive`, receiveCount: 1 });
    expect([second.body, second.note.messageId]).toEqual([ODD_BODY, expect.not.stringMatching(first.note.messageId)]);
    expect(second.note.originalAttributes).toMatchObject({
      trace: { dataType: 'String.custom', stringValue: 'a b' },
      bytes: { dataType: 'Binary', binaryValue: 'AP8K' },
      'greenroom-lane': { dataType: 'String', stringValue: 'bulk' },
      'greenroom-needed-by': { dataType: 'String', stringValue: neededBy },
    });
    expect(second.note.isFromRoster).toBe(false);
    expect(Date.parse(second.note.sentAt)).toBeGreaterThanOrEqual(Date.parse(first.note.parkedAt));
    const again = await run('redrive', '--all', '--yes');
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('sent back to bulk')]);
    const third = await queue.theOnly();
    expect(Object.keys(third.note.originalAttributes ?? {}).sort()).toEqual([
      'bytes',
      'greenroom-lane',
      'greenroom-wished-at',
      'trace',
    ]);
  });

  test('sends a dead letter back, which claims its key again and gets its room', async () => {
    await sendTo(cli.deployment, must(cli.stack.outputs.InteractiveDeadLetterQueue), request('redrive/dead'));
    const failed = await untilCompleted('redrive/dead', 0);
    expect(failed).toMatchObject({ decision: 'failed', completion: { data: { reason: 'dead-lettered' } } });
    await queue.untilVisible(1);
    const status = await run('status', 'redrive/dead', '--parked');
    expect(status.stdout).toMatch(
      /decided: failed, dead-lettered: .*\nparked: \S+ {2}\S+ {2}dead-lettered {4}interactive-dead-letters/s,
    );
    const redriven = await run('redrive', '--reason', 'dead-lettered', '--yes');
    expect(redriven.stdout).toMatch(/^1\/1 {2}sent back to interactive: \S+ \(redrive\/dead\)\n$/);
    expect(await untilCompleted('redrive/dead', 1)).toMatchObject({ decision: 'room', roomArn: expect.any(String) });
    expect(await queue.counts()).toEqual({ visible: 0, hidden: 0 });
  });

  test('sends a request back that was parked because of a damaged item, and it gets its room once the item is repaired', async () => {
    const id = ledgerKey('redrive/damaged');
    const { dynamodb, ledgerTable: TableName } = cli.deployment;
    await dynamodb.send(new PutItemCommand({ TableName, Item: { id: { S: id }, schema_version: { N: '99' } } }));
    await sendTo(cli.deployment, await cli.deployment.queueUrl('interactive'), request('redrive/damaged'));
    await queue.untilVisible(1);
    const status = await run('status', 'redrive/damaged');
    expect(status.code).toBe(0);
    expect(status.stdout).toMatch(/The ledger item \S+ cannot be read: .*\bschema_version\b/);
    await dynamodb.send(new DeleteItemCommand({ TableName, Key: { id: { S: id } } }));
    expect((await run('redrive', '--reason', 'damaged-item', '--yes')).code).toBe(0);
    expect(await untilCompleted('redrive/damaged', 0)).toMatchObject({ decision: 'room' });
  });

  test('leaves a message that cannot go back parked, prints the reason, and sends the others', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`a${index}`, { dataType: 'String', stringValue: 'v' }]),
    );
    await queue.park(request('left/attributes'), { originalAttributes: many });
    await queue.park('x'.repeat(983_015));
    await queue.park(request('left/foreign'), { sourceQueue: 'arn:aws:sqs:eu-west-1:000000000000:greenroom-dev-bulk' });
    await sendTo(cli.deployment, queue.url, request('left/by-hand'));
    await queue.park(request('left/none'), { originalAttributes: undefined, originalAttributesOmitted: true });
    const dry = await run('redrive', '--all', '--dry-run');
    expect(dry.code).toBe(1);
    expect(dry.stdout).toMatch(
      /^would be sent back to interactive: \S+ \(left\/none\), without its message attributes: .*\n$/,
    );
    expect(await queue.counts()).toEqual({ visible: 5, hidden: 0 });
    const redriven = await run('redrive', '--all', '--yes');
    expect(redriven.code).toBe(1);
    expect(redriven.stdout.trimEnd().split('\n')).toEqual([expect.stringContaining('(left/none)')]);
    for (const problem of [
      '(left/attributes) stays parked: It would have 11 attributes; SQS accepts 10',
      /\(no readable key\) stays parked: It would be 9830\d\d bytes long; the queue accepts at most 983040/,
      '(left/foreign) stays parked: It came from arn:aws:sqs:eu-west-1:000000000000:greenroom-dev-bulk, which is not a queue',
      '(left/by-hand) stays parked: It has no attribute greenroom-parked',
    ])
      expect(redriven.stderr).toMatch(problem);
    expect(redriven.stderr).toContain('Sent back 1 of 1 messages');
    expect(await queue.counts()).toEqual({ visible: 4, hidden: 0 });
  });

  test('leaves a message parked if its queue does not accept it, and prints only the reason', async () => {
    const lonely = await openOnlyParkedQueue(cli.deployment, 'lonely');
    const sourceQueue = `${QUEUE_ARN.replace('local', 'lonely')}bulk`;
    const note = { sourceQueue, originalAttributes: undefined, originalAttributesOmitted: true };
    const id = await lonely.park(request('lonely/none'), note);
    const env = { AWS_ENDPOINT_URL: cli.stack.endpoint, AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any' };
    const args = ['redrive', '--all', '--yes', '--stage', 'lonely', '--region', 'eu-west-1'];
    const redriving = cli.greenroom(args, { env });
    expect([await redriving.ended, redriving.stdout]).toEqual([1, '']);
    expect(redriving.stderr).toContain(`${id.slice(0, 8)} (lonely/none) stays parked: `);
    expect(await lonely.counts()).toEqual({ visible: 1, hidden: 0 });
  });

  test('stops between two messages on Ctrl-C, reports what was done, and makes the other messages visible again', async () => {
    for (let index = 1; index <= 4; index++) await queue.park(request(`paced/${index}`));
    const redriving = cli.greenroom(['redrive', '--all', '--yes', '--rate', '1']);
    await redriving.printed(/1\/4 {2}sent back/);
    expect((await queue.counts()).hidden).toBeGreaterThan(0);
    redriving.process.kill('SIGINT');
    expect(await redriving.ended).toBe(130);
    expect(redriving.stderr).toBe('Sent back 1 of 4 messages of stage local.\nInterrupted\n');
    expect(await queue.counts()).toEqual({ visible: 3, hidden: 0 });
  });

  test('refuses an unknown id before it sends anything', async () => {
    const id = await queue.park(request('ids/one'));
    const missing = await run('redrive', id, 'ffffffff-ffff', '--yes');
    expect([missing.code, missing.stdout]).toEqual([1, '']);
    expect(missing.stderr).toMatch(/^error: No visible parked message has an id that begins with ffffffff-ffff/);
    expect(await queue.counts()).toEqual({ visible: 1, hidden: 0 });
  });
});
