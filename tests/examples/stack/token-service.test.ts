import { execSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteRoomCommand, TagResourceCommand } from '@aws-sdk/client-ivschat';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readChatToken } from '../../../emulator/ivschat/chat-token.ts';
import { pathOf, tokenEvent } from '../../../examples/token-service/token-event.ts';
import { ledgerKey } from '../../../lib/contract/keys.ts';
import type { LedgerReading } from '../../../lib/ledger/read-ledger-item.ts';
import { until } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import { startChild } from '../../support/run-child.ts';
import { openTokenStack, type TokenStack } from './token-stack.ts';

const KEY = 'matchday/final-2026/main stage';
const MEMBER = { sub: 'a-secret-user', chat_role: 'member' };
/** The beginning of every token of the emulator. */
const TOKEN = Buffer.from('{"roomArn":"').toString('base64url');
const decidedAs = (decision: string) => (reading: LedgerReading) =>
  reading.kind === 'known' && reading.item.decision === decision;

let service: TokenStack;
beforeAll(async () => {
  service = await openTokenStack();
  service.stack.ivsChat.setQuotas({ roomsIn: { 'us-west-2': 0 } });
  service.stack.ivsChat.inject({
    operation: 'CreateRoom',
    region: 'ap-south-1',
    fault: { error: 'ValidationException' },
  });
  await service.request('released', { releaseAt: new Date(Date.now() + 15_000).toISOString() });
  await service.request('pending', { region: 'us-west-2' });
  await service.request('failed', { region: 'ap-south-1' });
  for (const key of ['deleted', 'old', 'damaged', 'of another stage']) await service.request(key);
  await service.request(KEY, { region: 'us-east-1' });
  await service.untilLedger(KEY, decidedAs('room'));
}, 60_000);
afterAll(() => service.close());

const post = (key: string, claims?: Record<string, string>) => service.post(pathOf(key), claims);

async function arnOf(key: string): Promise<string> {
  const reading = await service.untilLedger(key, decidedAs('room'));
  return reading.kind === 'known' && reading.item.decision === 'room' ? reading.item.room_arn : '';
}

/** Makes it an hour since the ledger has the room of a key. */
async function makeOld(key: string): Promise<void> {
  await change(key, 'decided_at', Date.now() - 3_600_000);
}

/** Changes a number in the ledger's item of a key, once its request is answered. */
async function change(key: string, attribute: string, value: number): Promise<void> {
  await service.untilLedger(key, (reading) => reading.kind === 'known' && reading.item.status === 'COMPLETED');
  await service.deployment.dynamodb.send(
    new UpdateItemCommand({
      TableName: service.deployment.ledgerTable,
      Key: { id: { S: ledgerKey(key) } },
      UpdateExpression: 'SET #attribute = :value',
      ExpressionAttributeNames: { '#attribute': attribute },
      ExpressionAttributeValues: { ':value': { N: String(value) } },
    }),
  );
}

describe('a caller with a role gets a token', () => {
  test.each([
    ['viewer', []],
    ['member', ['SEND_MESSAGE']],
    ['moderator', ['SEND_MESSAGE', 'DISCONNECT_USER', 'DELETE_MESSAGE']],
  ])('as a %s with the capabilities %j', async (chat_role, capabilities) => {
    const { statusCode, headers, body } = await post(KEY, { sub: 'user-42', chat_role });
    expect({ statusCode, headers }).toEqual({
      statusCode: 201,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    });
    const { token, ...rest } = body;
    expect(readChatToken(token)).toMatchObject({ roomArn: await arnOf(KEY), userId: 'user-42', capabilities });
    const times = { tokenExpirationTime: expect.any(String), sessionExpirationTime: expect.any(String) };
    expect(rest).toEqual({ region: 'us-east-1', ...times });
    expect(readChatToken(token)).toMatchObject({ tokenExpirationTime: body.tokenExpirationTime });
  });

  test('after exactly one consistent read of the ledger and one call to IVS Chat', async () => {
    service.calls.length = 0;
    expect(await post(KEY, MEMBER)).toMatchObject({ statusCode: 201 });
    expect(service.calls.map(({ target }) => target)).toEqual(['DynamoDB_20120810.GetItem', '/CreateChatToken']);
    expect(JSON.parse(must(service.calls[0]).body)).toMatchObject({ ConsistentRead: true });
  });
});

describe('a request without a token is answered with', () => {
  test.each([
    ['401 without claims', KEY, undefined, 401, 'unauthenticated'],
    ['403 without a role', KEY, { sub: 'ada' }, 403, 'forbidden'],
    ['404 for an unknown key', 'unknown', MEMBER, 404, 'room-unknown'],
  ])('%s', async (_what, key, claims, statusCode, code) => {
    expect(await post(key, claims)).toMatchObject({ statusCode, body: { code } });
  });

  test('404 for a room that could not be created', async () => {
    await service.untilLedger('failed', decidedAs('failed'));
    expect(await post('failed', MEMBER)).toMatchObject({ statusCode: 404, body: { code: 'room-failed' } });
  });

  test('409 and a time to retry for a room that does not exist yet', async () => {
    await service.untilLedger('pending', ({ kind }) => kind === 'known');
    expect(await post('pending', MEMBER)).toMatchObject({
      statusCode: 409,
      headers: { 'retry-after': '2' },
      body: { code: 'room-pending' },
    });
  });

  test('410 for a released room', async () => {
    await arnOf('released');
    const isGone = { statusCode: 410, body: { code: 'room-released' } };
    // The release is due, but no releaser has run yet.
    await until(async () => ((await post('released', MEMBER)).statusCode === 410 ? true : undefined), 60_000);
    expect(await post('released', MEMBER)).toMatchObject(isGone);
    await service.untilLedger('released', (reading) => reading.kind === 'known' && !('released_at' in reading.item));
    await until(async () => {
      await service.stack.invoke('release-rooms', { source: 'aws.events', 'detail-type': 'Scheduled Event' });
      const reading = await service.untilLedger('released', ({ kind }) => kind === 'known');
      return 'item' in reading && 'released_at' in reading.item ? true : undefined;
    }, 60_000);
    expect(await post('released', MEMBER)).toMatchObject(isGone);
  }, 90_000);

  test('409 while IVS Chat does not find a new room, and 410 later', async () => {
    await makeOld('old');
    const fault = { error: 'ResourceNotFoundException' };
    service.stack.ivsChat.inject({ operation: 'CreateChatToken', times: 2, fault });
    expect(await post(KEY, MEMBER)).toMatchObject({ statusCode: 409, body: { code: 'room-pending' } });
    expect(await post('old', MEMBER)).toMatchObject({ statusCode: 410, body: { code: 'room-gone' } });
    expect(await post('old', MEMBER)).toMatchObject({ statusCode: 201 });
  });

  test('409 while IAM does not find the tags of a new room, and 500 later', async () => {
    const client = service.deployment.ivsChat('eu-west-1');
    await client.send(new DeleteRoomCommand({ identifier: await arnOf('deleted') }));
    expect(await post('deleted', MEMBER)).toMatchObject({ statusCode: 409, body: { code: 'room-pending' } });
    await makeOld('deleted');
    expect(await post('deleted', MEMBER)).toMatchObject({ statusCode: 500, body: { code: 'internal' } });
  });

  test('429 and a time to retry if IVS Chat throttles every attempt', async () => {
    service.stack.ivsChat.inject({ operation: 'CreateChatToken', times: 3, fault: { error: 'ThrottlingException' } });
    expect(await post(KEY, MEMBER)).toMatchObject({
      statusCode: 429,
      headers: { 'retry-after': '1' },
      body: { code: 'throttled' },
    });
    expect(await post(KEY, MEMBER)).toMatchObject({ statusCode: 201 });
  });

  test('500 if the account is blocked', async () => {
    service.stack.ivsChat.inject({ operation: 'CreateChatToken', fault: { error: 'PendingVerification' } });
    expect(await post(KEY, MEMBER)).toMatchObject({ statusCode: 500, body: { code: 'internal' } });
  });

  test('500 if the ledger item cannot be read, and an error that names the key', async () => {
    await change('damaged', 'schema_version', 99);
    expect(await post('damaged', MEMBER)).toMatchObject({ statusCode: 500, body: { code: 'internal' } });
    const line = service.written().find((text) => text.includes('The ledger item cannot be read'));
    expect(JSON.parse(must(line))).toMatchObject({ level: 'ERROR', key: 'damaged' });
  });

  test('500 for the room of another stage, because the permission depends on the tag', async () => {
    const arn = await arnOf('of another stage');
    await makeOld('of another stage');
    expect(await post('of another stage', MEMBER)).toMatchObject({ statusCode: 201 });
    const tags = { 'greenroom:stage': 'another.eu-west-1' };
    await service.deployment.ivsChat('eu-west-1').send(new TagResourceCommand({ resourceArn: arn, tags }));
    expect(await post('of another stage', MEMBER)).toMatchObject({ statusCode: 500 });
  });

  test('400 and all problems, without any call', async () => {
    service.calls.length = 0;
    const claims = { sub: 'x'.repeat(129), chat_role: 'member' };
    expect(await service.post('/rooms/..%2Fsecrets/token', claims)).toMatchObject({
      statusCode: 400,
      body: { code: 'invalid', problems: [{ path: 'key' }, { path: 'userId' }] },
    });
    expect(service.calls).toEqual([]);
  });
});

test('no token, user or credential is logged or stored, even if the response cannot be read', async () => {
  expect(await post(KEY, MEMBER)).toMatchObject({ statusCode: 201 });
  for (const fault of [{ truncated: true }, { garbage: true }] as const) {
    service.stack.ivsChat.inject({ operation: 'CreateChatToken', fault });
    expect(await post(KEY, MEMBER)).toMatchObject({ statusCode: 500 });
  }
  const secrets = [TOKEN, MEMBER.sub, "the-user's-own-credentials"];
  const found = () => secrets.filter((secret) => service.written().some((text) => text.includes(secret)));
  expect(service.written().join('')).toContain('"message":"Token issued"');
  expect(service.written().join('')).toContain(await arnOf(KEY));
  expect(found()).toEqual([]);
  // Controls: the search finds what the function logs, and what the stack stores.
  const { body } = await post(KEY, MEMBER);
  expect(body).toMatchObject({ token: expect.stringContaining(TOKEN) });
  process.stdout.write(JSON.stringify({ message: 'Token issued', body }));
  expect(found()).toEqual([TOKEN]);
  writeFileSync(join(service.directory, 'data', 'log'), secrets.join('\n'));
  expect(found()).toEqual(secrets);
});

test('the function needs every permission of its template', () => {
  expect(service.unusedPermissions()).toEqual([]);
});

test('the bundle of the README is the function', async () => {
  const [build = ''] = readFileSync('examples/token-service/README.md', 'utf8').match(/^npx esbuild .*$/m) ?? [];
  const bundle = join(service.directory, 'handler.cjs');
  execSync(build.replace(/--outfile=\S+/, `--outfile=${bundle}`), { stdio: 'pipe' });
  const { handler } = createRequire(import.meta.url)(bundle);
  expect(await handler(tokenEvent(pathOf(KEY), MEMBER), { awsRequestId: 'bundle' })).toMatchObject({ statusCode: 201 });
});

describe('try.ts', () => {
  const run = (...args: string[]) =>
    startChild([resolve('examples/token-service/try.ts'), ...args], { cwd: service.directory });

  test('prints a token for the room of a key, and what it contains', async () => {
    const child = run(KEY, 'moderator');
    expect(await child.ended).toBe(0);
    expect(child.stdout).toContain(`POST ${pathOf(KEY)}  201`);
    expect(child.stdout).toContain(`roomArn: '${await arnOf(KEY)}'`);
    expect(child.stdout).toContain("capabilities: [ 'SEND_MESSAGE', 'DISCONNECT_USER', 'DELETE_MESSAGE' ]");
  });

  test('prints the answer if there is no token', async () => {
    const child = run('unknown');
    expect(await child.ended).toBe(1);
    expect(child.stdout).toContain('404\n{"code":"room-unknown"}');
  });
});
