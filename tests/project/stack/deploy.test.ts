import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openAwsAccount } from '../../support/aws-account.ts';
import { startChild } from '../../support/run-child.ts';
import { openFreshClone, openServiceFolder, SERVERLESS } from '../../support/service-folder.ts';

const LIMIT_MS = 120_000;
const TABLES = ['greenroom-prod-ledger', 'greenroom-prod-pace', 'greenroom-prod-rosters'];

describe('`npx serverless deploy`', () => {
  const service = openServiceFolder();
  let account: Awaited<ReturnType<typeof openAwsAccount>>;
  beforeAll(async () => {
    account = await openAwsAccount();
  });
  afterAll(async () => {
    service.remove();
    await account.close();
  });

  async function serverless(...args: string[]) {
    const env = {
      AWS_ENDPOINT_URL: account.endpoint,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      SLS_AWS_MONITORING_FREQUENCY: '50',
    };
    const child = startChild([SERVERLESS, ...args, '--stage', 'prod'], { cwd: service.directory, env });
    const status = await child.ended;
    return { status, output: child.stdout + child.stderr };
  }

  test(
    'leaves no protected table if the first deployment fails, and the second one waits for queue names and adds the protection',
    async () => {
      // SQS holds the names of the deleted queues for a few more seconds.
      account.failNextUpdate({ queuesDeletedAgoMs: 70_000 });
      const first = await serverless('deploy');
      expect(first).toMatchObject({ status: 1, output: expect.stringContaining('RosterTable') });
      expect(account.protectedTables()).toEqual([]);
      expect(account.stack()).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', isProtected: false });

      const second = await serverless('deploy');
      expect(second).toMatchObject({ status: 0, output: expect.stringMatching(/holds for a minute: waiting \d s/) });
      expect(account.stack()).toMatchObject({ status: 'UPDATE_COMPLETE', isProtected: true });
      expect(account.protectedTables()).toEqual(TABLES);
      for (const table of TABLES) expect(second.output).toContain(`Deletion protection of ${table}: on`);
    },
    LIMIT_MS,
  );

  test(
    'protects the stack until that is switched off, and repeats a rolled-back deployment although its files are the same',
    async () => {
      const refused = await serverless('remove');
      expect(refused).toMatchObject({ status: 1, output: expect.stringContaining('deletion protection is enabled') });
      account.failNextUpdate({ queuesDeletedAgoMs: 600_000 });
      const release = ['deploy', '--param', 'deletionProtection=false'];
      expect((await serverless(...release)).status).toBe(1);
      expect(account.protectedTables()).toEqual(TABLES);

      const uploads = await uploaded();
      expect(await serverless(...release)).toMatchObject({ status: 0, output: expect.not.stringContaining('waiting') });
      expect(await uploaded()).toBeGreaterThan(uploads);
      expect(account.stack()).toMatchObject({ status: 'UPDATE_COMPLETE', isProtected: false });
      expect(account.protectedTables()).toEqual([]);
    },
    LIMIT_MS,
  );

  async function uploaded(): Promise<number> {
    const { Contents = [] } = await account.s3.send(new ListObjectsV2Command({ Bucket: 'deployment-bucket' }));
    return Contents.length;
  }

  test(
    'refuses a package for another stage',
    async () => {
      expect(service.serverless('package', '--stage', 'test').status).toBe(0);
      const { status, output } = await serverless('deploy', '--package', '.serverless');
      expect({ status, output }).toMatchObject({
        status: 1,
        output: expect.stringContaining('The package is for stage test'),
      });
    },
    LIMIT_MS,
  );
});

test(
  'packaging builds the functions first in a new clone',
  () => {
    const clone = openFreshClone();
    try {
      expect(existsSync(join(clone.directory, 'dist'))).toBe(false);
      expect(clone.serverless('package', '--stage', 'prod')).toMatchObject({ status: 0 });
      expect(existsSync(join(clone.directory, '.serverless', 'provision-rooms.zip'))).toBe(true);
    } finally {
      clone.remove();
    }
  },
  LIMIT_MS,
);
