import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateChatTokenCommand,
  type CreateChatTokenCommandInput,
  CreateRoomCommand,
  ResourceNotFoundException,
  ValidationException,
} from '@aws-sdk/client-ivschat';
import { describe, expect, test } from '@jest/globals';
import { readChatToken } from '../../../emulator/ivschat/chat-token.ts';
import type { IvsChatOptions } from '../../../emulator/ivschat/ivs-chat.ts';
import { must } from '../../support/must.ts';
import { emulator, send, UNLIMITED } from './emulator.ts';
import { rejection, servedEmulator } from './sdk-client.ts';

const MINUTE_MS = 60_000;

/** An emulator with one room, and a function that requests a token for it. */
async function withRoom(options: Partial<IvsChatOptions> = {}) {
  const emulated = await servedEmulator({ quotas: UNLIMITED, ...options });
  const { arn = '' } = await emulated.client.send(new CreateRoomCommand({ name: 'stage' }));
  const tokenFor = (input: Partial<CreateChatTokenCommandInput> = {}) =>
    emulated.client.send(new CreateChatTokenCommand({ roomIdentifier: arn, userId: 'ada', ...input }));
  return Object.assign(emulated, { arn, tokenFor });
}

describe('a token', () => {
  test('names the room, the user, the capabilities and the attributes', async () => {
    await using emulated = await withRoom();
    const attributes = { name: 'Ada 🎤' };
    const { token } = await emulated.tokenFor({ capabilities: ['SEND_MESSAGE', 'DELETE_MESSAGE'], attributes });
    expect(readChatToken(must(token))).toMatchObject({
      roomArn: emulated.arn,
      userId: 'ada',
      capabilities: ['SEND_MESSAGE', 'DELETE_MESSAGE'],
      attributes,
    });
  });

  /** "Default: None (the capability to view messages is implicitly included in all requests)." */
  test('without capabilities has none', async () => {
    await using emulated = await withRoom();
    const { token } = await emulated.tokenFor();
    expect(readChatToken(must(token))).toMatchObject({ capabilities: [], attributes: {} });
  });

  /** "Set of capabilities that the user is allowed to perform in the room." */
  test('has each capability once', async () => {
    await using emulated = await withRoom();
    const { token } = await emulated.tokenFor({ capabilities: ['SEND_MESSAGE', 'SEND_MESSAGE'] });
    expect(readChatToken(must(token)).capabilities).toEqual(['SEND_MESSAGE']);
  });

  test('differs from every other token, even for the same user at the same time', async () => {
    await using emulated = await withRoom();
    const tokens = [await emulated.tokenFor(), await emulated.tokenFor()].map(({ token }) => token);
    expect(new Set(tokens).size).toBe(2);
  });

  test('cannot be read if it was changed', async () => {
    await using emulated = await withRoom();
    const token = must((await emulated.tokenFor()).token);
    expect(readChatToken(token)).toMatchObject({ userId: 'ada' });
    for (const changed of [`A${token}`, token.slice(0, -1), token.replace('.', ''), ''])
      expect(() => readChatToken(changed)).toThrow('not a token of the emulator');
  });
});

/**
 * "The token is valid for one minute, and a connection (session) established with the token is valid for the specified duration.":
 * https://awscli.amazonaws.com/v2/documentation/api/2.7.12/reference/ivschat/create-chat-token.html
 */
describe('the expiration', () => {
  test.each([
    // "Default: 60 (1 hour)": https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/API_CreateChatToken.html
    [undefined, 60],
    [1, 1],
    [180, 180],
  ])('of the token is after a minute, and that of a session of %s minutes after %s', async (given, minutes) => {
    await using emulated = await withRoom();
    emulated.clock.nowMs += 7 * MINUTE_MS;
    const issued = await emulated.tokenFor(given === undefined ? {} : { sessionDurationInMinutes: given });
    const tokenExpirationTime = new Date(emulated.clock.nowMs + MINUTE_MS);
    const sessionExpirationTime = new Date(emulated.clock.nowMs + minutes * MINUTE_MS);
    expect(issued).toMatchObject({ tokenExpirationTime, sessionExpirationTime });
    expect(readChatToken(must(issued.token))).toMatchObject({
      tokenExpirationTime: tokenExpirationTime.toISOString(),
      sessionExpirationTime: sessionExpirationTime.toISOString(),
    });
  });

  test('is a string in ISO 8601', async () => {
    const emulated = emulator({ quotas: UNLIMITED });
    const room = Object(await send(emulated, { path: '/CreateRoom', body: {} })).json;
    const body = { roomIdentifier: room.arn, userId: 'ada' };
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(await send(emulated, { path: '/CreateChatToken', body })).toMatchObject({
      status: 200,
      json: { tokenExpirationTime: time, sessionExpirationTime: time },
    });
  });
});

/** "The maximum length of this field is 1 KB total.": https://docs.aws.amazon.com/ivs/latest/ChatAPIReference/API_CreateChatToken.html */
describe('attributes', () => {
  // The JSON {"k":""} is 8 bytes long. The value adds the rest.
  const ofBytes = (bytes: number) => ({ k: 'x'.repeat(bytes - 8) });

  test('may be 1,000 bytes long in total', async () => {
    await using emulated = await withRoom();
    await emulated.tokenFor({ attributes: ofBytes(1_000) });
    await emulated.tokenFor({ attributes: { k: '🎤'.repeat(248) } });
  });

  test.each([
    ['of one attribute', ofBytes(1_001)],
    ['in UTF-8', { k: `${'🎤'.repeat(248)}x` }],
    ['of names', { ['k'.repeat(994)]: '' }],
    ['of many attributes', Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`name${index}`, 'x']))],
  ])('are refused if they have more %s', async (_what, attributes) => {
    await using emulated = await withRoom();
    const error = await rejection(emulated.tokenFor({ attributes }));
    expect(error).toBeInstanceOf(ValidationException);
    expect(error).toMatchObject({ reason: 'FIELD_VALIDATION_FAILED', fieldList: [{ name: 'attributes' }] });
  });
});

describe('there is no token', () => {
  test.each([
    ['that does not exist', 'eu-west-1', 'absent000000'],
    ['of another region', 'us-east-1', undefined],
  ])('for a room %s', async (_which, region, id) => {
    await using emulated = await withRoom();
    const roomIdentifier = id ? emulated.arn.replace(/\w+$/, id) : emulated.arn;
    const command = new CreateChatTokenCommand({ roomIdentifier, userId: 'ada' });
    const error = await rejection(emulated.clientOf(region).send(command));
    expect(error).toBeInstanceOf(ResourceNotFoundException);
    expect(error).toMatchObject({ resourceType: 'ROOM', $metadata: { httpStatusCode: 404 } });
  });

  test('for a room that is too new to be found', async () => {
    await using emulated = await withRoom({ newRoomLagMs: 2_000, random: () => 0.5 });
    expect(await rejection(emulated.tokenFor())).toBeInstanceOf(ResourceNotFoundException);
    emulated.clock.nowMs += 1_000;
    expect(readChatToken(must((await emulated.tokenFor()).token)).roomArn).toBe(emulated.arn);
  });

  test.each(['AccessDeniedException', 'PendingVerification', 'ThrottlingException'])(
    'if a fault makes the call fail with %s',
    async (error) => {
      await using emulated = await withRoom();
      emulated.ivsChat.admin.inject({ operation: 'CreateChatToken', fault: { error } });
      expect(await rejection(emulated.tokenFor())).toMatchObject({ name: error });
      expect(await emulated.tokenFor()).toMatchObject({ token: expect.any(String) });
    },
  );
});

describe('the emulator stores no token', () => {
  test('in its journal or its report of the calls', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'greenroom-tokens-'));
    try {
      await using emulated = await withRoom({ dataFile: join(directory, 'data.ndjson') });
      const { token = '' } = await emulated.tokenFor({
        userId: 'a-secret-user',
        attributes: { badge: 'a-secret-badge' },
      });
      const secrets = [token, token.split('.')[0] ?? '', 'a-secret-user', 'a-secret-badge'];
      const texts = () => [
        ...readdirSync(directory).map((file) => readFileSync(join(directory, file), 'utf8')),
        JSON.stringify(emulated.ivsChat.admin.calls()),
      ];
      const found = () => secrets.filter((secret) => texts().some((text) => text.includes(secret)));
      expect(texts().join('')).toContain(emulated.arn);
      expect(emulated.ivsChat.admin.calls().counts).toContainEqual(
        expect.objectContaining({ operation: 'CreateChatToken', count: 1 }),
      );
      expect(found()).toEqual([]);
      // Control: the search finds secrets that are stored.
      writeFileSync(join(directory, 'log'), `${token} a-secret-user a-secret-badge`);
      expect(found()).toEqual(secrets);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
