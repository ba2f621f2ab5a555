import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { packageTemplate } from '../../support/package-template.ts';

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

const findingSchema = z.object({ Filename: z.string(), Message: z.string(), Rule: z.object({ Id: z.string() }) });
/** A template with a fault, which shows that findings are seen. */
const FAULTY = JSON.stringify({ Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { NoSuchProperty: 1 } } } });

const SAMPLES = globSync('examples/**/*.yml');

let findings: z.output<typeof findingSchema>[] = [];
const directory = mkdtempSync(join(tmpdir(), 'greenroom-cfn-lint-'));
const fileOf = (what: string) => join(directory, `${what.replaceAll(' ', '-')}.json`);
afterAll(() => rmSync(directory, { recursive: true }));

// One process checks all templates, because its start takes longer than the check of a template.
beforeAll(() => {
  if (!isInstalled) return;
  writeFileSync(fileOf('a fault'), FAULTY);
  for (const [what, values] of PARAMETERS) writeFileSync(fileOf(what), packageTemplate('prod', values).template);
  const files = [...['a fault', ...PARAMETERS.map(([what]) => what)].map(fileOf), ...SAMPLES];
  const { stdout, stderr } = spawnSync('cfn-lint', ['--format', 'json', ...files], { encoding: 'utf8' });
  expect(stderr).toBe('');
  findings = z.array(findingSchema).parse(JSON.parse(stdout));
}, 120_000);

const findingsIn = (what: string) => findings.filter(({ Filename }) => Filename === fileOf(what));

(isInstalled ? test.each : test.skip.each)(PARAMETERS)('cfn-lint finds nothing in the template with %s', (what) => {
  expect(findingsIn(what)).toEqual([]);
});

(isInstalled ? test.each : test.skip.each)(SAMPLES)('cfn-lint finds nothing in %s', (sample) => {
  expect(findings.filter(({ Filename }) => Filename.endsWith(sample))).toEqual([]);
});

(isInstalled ? test : test.skip)('control: cfn-lint finds a fault in one of the templates', () => {
  expect(findingsIn('a fault').map(({ Rule }) => Rule.Id)).toEqual(['E3002']);
});
