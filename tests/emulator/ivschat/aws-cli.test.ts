import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { servedEmulator } from './sdk-client.ts';

const run = promisify(execFile);

const installed = spawnSync('aws', ['--version']).status === 0;
const ENVIRONMENT = {
  ...process.env,
  AWS_ACCESS_KEY_ID: 'AKID',
  AWS_SECRET_ACCESS_KEY: 'SECRET',
  AWS_MAX_ATTEMPTS: '1',
  AWS_PAGER: '',
};

// These tests are skipped without the AWS CLI, and the reporter shows that.
(installed ? test : test.skip)('the AWS CLI creates, finds, tags and deletes a room, and shows an error', async () => {
  await using emulated = await servedEmulator();
  const aws = async (...args: string[]) => {
    const common = ['--endpoint-url', emulated.url, '--region', 'ap-south-1', '--output', 'json'];
    const { stdout } = await run('aws', ['ivschat', ...args, ...common], { env: ENVIRONMENT });
    return stdout === '' ? undefined : JSON.parse(stdout);
  };
  const room = await aws('create-room', '--name', 'cli', '--maximum-message-length', '7', '--tags', 'team=sports');
  expect(room).toMatchObject({
    name: 'cli',
    maximumMessageLength: 7,
    tags: { team: 'sports' },
    arn: expect.stringContaining('arn:aws:ivschat:ap-south-1:'),
  });
  await aws('tag-resource', '--resource-arn', room.arn, '--tags', 'more=1');
  await aws('untag-resource', '--resource-arn', room.arn, '--tag-keys', 'team', 'absent');
  expect(await aws('list-rooms', '--name', 'cli')).toMatchObject({ rooms: [{ id: room.id, tags: { more: '1' } }] });
  expect(await aws('delete-room', '--identifier', room.arn)).toBeUndefined();
  await expect(aws('get-room', '--identifier', room.arn)).rejects.toMatchObject({
    stderr: expect.stringContaining('(ResourceNotFoundException) when calling the GetRoom operation'),
  });
});
