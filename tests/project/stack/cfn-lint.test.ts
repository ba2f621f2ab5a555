import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { openServiceFolder } from '../../support/service-folder.ts';

const isInstalled = spawnSync('cfn-lint', ['--version']).status === 0;
if (!isInstalled) process.stderr.write('skipped: cfn-lint is not installed, so it does not check the template\n');

const CONNECTED = ['--param', 'upstreamAccounts=111122223333', '--param', 'eventBusName=fixtures'];

(isInstalled ? test.each : test.skip.each)([
  ['', []],
  [' with senders that parameters name', CONNECTED],
])(
  'cfn-lint finds nothing in the template%s',
  (_with, params) => {
    const service = openServiceFolder();
    try {
      expect(service.serverless('package', '--stage', 'prod', ...params)).toMatchObject({ status: 0 });
      const { stdout, stderr, status } = spawnSync('cfn-lint', [service.templateFile], { encoding: 'utf8' });
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    } finally {
      service.remove();
    }
  },
  120_000,
);
