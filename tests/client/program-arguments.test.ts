import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createGreenroom, type Greenroom } from '../../client/greenroom.ts';
import { createProgramBench } from './program-stage.ts';

/** A value as JavaScript passes it, without the checks of the compiler. */
const untyped = <Value>(value: unknown): Value => Object.assign({ value }).value;

describe('an argument that cannot be used', () => {
  test.each<[string, RegExp, (greenroom: Greenroom) => Promise<unknown>]>([
    ['roomFor', /^key must be a string, but is undefined$/, (greenroom) => greenroom.roomFor(untyped(undefined))],
    ['waitFor', /^key must be a string, but is number$/, (greenroom) => greenroom.waitFor(untyped(5))],
    ['cancel', /^liveEventId must be a string, but is null$/, (greenroom) => greenroom.cancel(untyped(null))],
  ])('of %s is a TypeError that names it, and calls nothing', async (_operation, message, act) => {
    const { greenroom, calls } = createProgramBench();
    const error = await act(greenroom).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
    expect(calls).toEqual([]);
  });

  test('such as a negative time limit is a RangeError', async () => {
    const { greenroom } = createProgramBench();
    await expect(greenroom.waitFor('key', { timeoutSeconds: -1 })).rejects.toThrow(RangeError);
  });

  test('such as a file that does not exist is the error of the file system', async () => {
    const { greenroom } = createProgramBench();
    await expect(greenroom.importRooms('/nowhere/rooms.csv')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('createGreenroom', () => {
  test.each([
    [
      'Bad_Stage!',
      RangeError,
      'stage is "Bad_Stage!": only a-z, 0-9 and - are allowed in the name of a stage: did you mean bad-stage?',
    ],
    ['', RangeError, 'stage is "": only a-z, 0-9 and - are allowed in the name of a stage'],
    ['a'.repeat(26), RangeError, /at most 25 characters, and this name has 26$/],
    [undefined, TypeError, 'stage must be a string, but is undefined'],
  ])('throws at once for the stage %j', (stage, kind, message) => {
    const create = () => createGreenroom({ stage: untyped(stage) });
    expect(create).toThrow(kind);
    expect(create).toThrow(message);
  });
});

describe('the local stage in a directory without a stack', () => {
  const before = { cwd: process.cwd(), env: { ...process.env } };
  const elsewhere = mkdtempSync(join(tmpdir(), 'greenroom-elsewhere-'));
  afterEach(() => {
    process.chdir(before.cwd);
    process.env = { ...before.env };
  });

  /** The environment of a program that was started without any settings for AWS. */
  function enter(variables: Record<string, string> = {}) {
    process.chdir(elsewhere);
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
    const noFile = { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };
    Object.assign(process.env, noFile, { AWS_EC2_METADATA_DISABLED: 'true' }, variables);
  }

  test('is reached with only its endpoint in the environment, as the error without it advises', async () => {
    const authorizations: string[] = [];
    const server = createServer(({ headers }, response) => {
      authorizations.push(headers.authorization ?? '');
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      enter();
      await expect(createGreenroom({ stage: 'local' }).roomFor('key')).rejects.toThrow(/set AWS_ENDPOINT_URL to/);
      // A profile has credentials of AWS, which must not be sent to the stack, or may have to be renewed.
      const AWS_ENDPOINT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      for (const variables of [{}, { AWS_PROFILE: 'expired' }]) {
        enter({ AWS_ENDPOINT_URL, ...variables });
        const greenroom = createGreenroom({ stage: 'local' });
        expect(await greenroom.roomFor('key')).toMatchObject({ kind: 'not-requested' });
        await greenroom.close();
      }
      enter({ AWS_ENDPOINT_URL, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'mine', AWS_SECRET_ACCESS_KEY: 'any' });
      const greenroom = createGreenroom({ stage: 'local' });
      await greenroom.roomFor('key');
      await greenroom.close();
    } finally {
      server.closeAllConnections();
      server.close();
      rmSync(elsewhere, { recursive: true });
    }
    const scope = (key: string, region: string) =>
      expect.stringMatching(new RegExp(`Credential=${key}/\\d+/${region}/`));
    expect(authorizations).toEqual([
      scope('local', 'eu-west-1'),
      scope('local', 'eu-west-1'),
      scope('mine', 'us-east-1'),
    ]);
  });
});
