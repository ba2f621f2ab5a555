import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { openServiceFolder } from '../../support/service-folder.ts';

const isInstalled = spawnSync('cfn-lint', ['--version']).status === 0;
if (!isInstalled) process.stderr.write('skipped: cfn-lint is not installed, so it does not check the template\n');

/** Parameters with values other than their defaults, which add or change resources. */
const PARAMETERS: [string, Record<string, string>][] = [
  ['the defaults', {}],
  ['senders that parameters name', { upstreamAccounts: '111122223333', eventBusName: 'fixtures' }],
  ['tracing', { tracing: 'true' }],
  [
    'everything together',
    {
      upstreamAccounts: '111122223333',
      eventBusName: 'fixtures',
      tracing: 'true',
      alarmEmail: 'operators@example.com',
      alarmTopicArn: 'arn:aws:sns:eu-west-1:111122223333:operators',
      accountSize: 'small',
      createRoomTps: '2.5',
      sweepDelete: 'true',
      logRetentionDays: '7',
      manifestRetentionDays: '200',
      sendingTopics: 'upstream-*',
      sendingRules: 'upstream-*',
    },
  ],
];

(isInstalled ? test.each : test.skip.each)(PARAMETERS)(
  'cfn-lint finds nothing in the template with %s',
  (_what, values) => {
    const params = Object.entries(values).map(([name, value]) => `--param=${name}=${value}`);
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
