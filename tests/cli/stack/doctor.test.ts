import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { FINDING_LEVELS, type FindingName } from '../../../client/operate/doctor/finding.ts';
import { requestedByMessages } from '../../../client/operate/doctor/requested-rooms.ts';
import { readRequestLines } from '../../../client/request-lines.ts';
import { identityPolicySchema, parsePolicy } from '../../../emulator/iam/policy.ts';
import { filledPolicy } from '../../policies/policy-files.ts';
import { functionKey } from '../../support/fake-aws/account.ts';
import { REGION } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import { type DoctorStage, findingsOf, notCheckedOf, openDoctorStage, STAGE } from './doctor-stage.ts';
import { MISCONFIGURATIONS } from './misconfigurations.ts';
import { REQUESTED_MISTAKES, REVIEWED_ROOM, requestOf } from './requested-mistakes.ts';

let stage: DoctorStage;

const section = must(/\n## Doctor\n.*?(?=\n## )/s.exec(readFileSync('docs/operations.md', 'utf8'))?.[0]);
const documentedActions = [
  ...new Set(
    parsePolicy(identityPolicySchema, filledPolicy('operator'), 'operators')
      .Statement.filter(({ Sid }) => Sid?.startsWith('Doctor'))
      .flatMap(({ Action }) => Action),
  ),
];

beforeAll(async () => {
  stage = await openDoctorStage();
}, 60_000);
afterAll(() => stage.close());
beforeEach(async () => {
  await stage.heal();
  stage.healRequested();
});

async function requested() {
  const lines = readRequestLines(asChunks(JSON.stringify(requestOf(REVIEWED_ROOM))), () => new Date());
  return requestedByMessages(lines, { region: REGION, nowMs: Date.now() });
}

async function* asChunks(text: string) {
  yield text;
}

describe('a healthy stage', () => {
  test('has no finding, everything is checked, and only the documented permissions are needed', async () => {
    const report = await stage.examine(await requested());
    expect(findingsOf(report)).toEqual([]);
    expect(notCheckedOf(report)).toEqual([]);
    expect(report).toMatchObject({ account: '000000000000', caller: stage.account.callerArn });
    expect([...stage.account.called].toSorted()).toEqual([...documentedActions, 'sts:GetCallerIdentity'].toSorted());
  });
});

describe('each mistake is found, by name, and nothing else', () => {
  test.each(MISCONFIGURATIONS)('$what: $finding', async ({ finding, names, make }) => {
    const undo = await make(stage);
    try {
      const found = findingsOf(await stage.examine());
      expect(found.map(({ name }) => name)).toEqual([finding]);
      expect(found[0]?.message).toContain(names);
      expect(found[0]?.remedy).toMatch(/\w/);
    } finally {
      if (typeof undo === 'function') await undo();
    }
  });

  test('every finding has a mistake that causes it, and is documented with its level', () => {
    const caused = [...MISCONFIGURATIONS, ...REQUESTED_MISTAKES].map(({ finding }) => finding);
    const ofAccess = ['credentials-invalid', 'stage-missing'];
    expect([...new Set([...caused, ...ofAccess])].toSorted()).toEqual(Object.keys(FINDING_LEVELS).toSorted());
    const rows = section.split('\n').filter((line) => line.startsWith('| '));
    const documented = rows.flatMap((row) => [...row.matchAll(/`([a-z-]+)`( \(warning\))?/g)]);
    expect(Object.fromEntries(documented.map(([, name, warning]) => [name, warning ? 'warning' : 'error']))).toEqual(
      FINDING_LEVELS,
    );
  });
});

describe('the rooms of a request or a manifest', () => {
  interface Printed {
    healthy: boolean;
    checks: { check: string; findings: { name: FindingName; message: string }[]; notChecked: unknown[] }[];
  }

  async function doctor(...args: string[]): Promise<Printed & { code: unknown; stderr: string }> {
    const child = stage.greenroom(['doctor', '--stage', STAGE, '--json', ...args]);
    const code = await child.ended;
    const { stderr } = child;
    if (!/^(?:Read .*\n)?$/.test(stderr)) throw new Error(stderr);
    return { code, stderr, ...JSON.parse(child.stdout) };
  }

  /** The review handler no longer lets IVS Chat invoke it. */
  const withdrawPermission = () => {
    must(stage.account.functions.get(functionKey(REGION, 'review'))).policies = {};
  };

  test('have no finding if the handler and the logging configuration can be used', async () => {
    const report = await doctor('--request', stage.file('good.json', JSON.stringify(requestOf(REVIEWED_ROOM))));
    expect(report).toMatchObject({ code: 0, healthy: true });
    expect(report.checks.flatMap(({ findings, notChecked }) => [...findings, ...notChecked])).toEqual([]);
    expect(report.checks.map(({ check }) => check)).toContain('review handlers');
  });

  test.each(REQUESTED_MISTAKES)('have each mistake found, by name: $what: $finding', async (mistake) => {
    mistake.make?.(stage.account);
    const report = await stage.examineRequests([mistake.request]);
    expect(report.map(({ name }) => name)).toEqual([mistake.finding]);
    expect(report[0]?.message).toContain(mistake.names);
  });

  test('have each function examined once, also in a manifest', async () => {
    withdrawPermission();
    const { uri } = REVIEWED_ROOM.messageReviewHandler;
    const rows = ['name,messageReviewHandler.uri', `one,${uri}`, `two,${uri}`];
    const report = await doctor('--manifest', stage.file('rooms.csv', rows.join('\n')));
    expect(report.checks.flatMap(({ findings }) => findings)).toMatchObject([{ name: 'review-handler-not-permitted' }]);
    expect(report).toMatchObject({ code: 1, healthy: false });
    expect(report.stderr).toMatch(/^Read .*rooms\.csv as UTF-8, separated by commas, 2 rows$/m);
  });

  test.each([
    [undefined, 'all messages are delivered without a review'],
    ['ALLOW', 'all messages are delivered without a review'],
    ['DENY', 'no message is delivered'],
  ])('have findings that say what happens to messages without a review: %s', async (fallbackResult, consequence) => {
    withdrawPermission();
    const { uri } = REVIEWED_ROOM.messageReviewHandler;
    const messageReviewHandler = { uri, ...(fallbackResult !== undefined && { fallbackResult }) };
    const [finding] = await stage.examineRequests([requestOf({ messageReviewHandler })]);
    expect(finding?.message).toContain(consequence);
  });
});

test.each([
  ['manifests-dead-letters', 'aws sqs start-message-move-task'],
  ['scheduler-dead-letters', 'send the body of each message to the live-event queue'],
  ['bulk-dead-letters', 'greenroom redrive --reason dead-lettered'],
] as const)('dead letters in %s have the remedy of the operations guide: %s', async (queue, remedy) => {
  await stage.send(queue);
  try {
    const [found] = findingsOf(await stage.examine());
    expect(found).toMatchObject({ name: 'dead-letters-present', message: expect.stringContaining(queue) });
    expect(found?.remedy).toContain(remedy);
  } finally {
    await stage.purge(queue);
  }
});

test('a stage with releases switched off has no finding while no room waits for its release', async () => {
  const name = functionKey(REGION, `greenroom-${STAGE}-release-rooms`);
  must(must(must(stage.account.functions.get(name)).Environment).Variables).GREENROOM_RELEASES = 'false';
  expect(findingsOf(await stage.examine())).toEqual([]);
});

test('the grace period of releases is read from the stack, unless this is not permitted or the output is missing', async () => {
  expect(await stage.deployment.releaseGraceMs()).toBe(10_000);
  delete must(stage.account.stack).outputs.ReleaseGrace;
  expect(await stage.deployment.releaseGraceMs()).toBeUndefined();
  stage.account.denied.add('cloudformation:DescribeStacks');
  expect(await stage.deployment.releaseGraceMs()).toBeUndefined();
});

describe('what cannot be checked is reported with the reason', () => {
  test.each(documentedActions)('without permission for %s', async (action) => {
    stage.account.denied.add(action);
    const report = await stage.examine(await requested());
    expect(notCheckedOf(report).map(({ why }) => why)).toContainEqual(
      expect.stringContaining(`${action} is not permitted`),
    );
    const isNeededByAll = ['dynamodb:GetItem', 'sqs:GetQueueUrl', 'sqs:GetQueueAttributes'].includes(action);
    expect(findingsOf(report).map(({ name }) => name)).toEqual(isNeededByAll ? ['permission-missing'] : []);
  });

  test('a condition that is not evaluated', async () => {
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 's3.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: '*',
      Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3' } },
    };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: statement });
    stage.account.queueAttributes.set(`greenroom-${STAGE}-manifests`, { Policy });
    const report = await stage.examine();
    expect(findingsOf(report)).toEqual([]);
    expect(notCheckedOf(report)).toMatchObject([{ what: `the policy of greenroom-${STAGE}-manifests` }]);
  });
});

describe('the command', () => {
  async function doctor(...args: string[]) {
    const child = stage.greenroom(['doctor', '--stage', STAGE, ...args]);
    return { code: await child.ended, stdout: child.stdout, stderr: child.stderr };
  }

  test('ends with 0 for a healthy stage, and names each check', async () => {
    const { code, stdout, stderr } = await doctor('--strict');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Stage ${STAGE}, ${REGION} in account 000000000000, as ${stage.account.callerArn}`);
    expect(stdout).toMatch(/^ok {2}event source mappings$/m);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('All checks passed.');
  });

  test('fails because of a warning or an unchecked setting only with --strict', async () => {
    await stage.putPace(`${REGION}#CreateRoom`, { deployed_ceiling: 5, bulk_paused_until: 8.64e15 });
    const lax = await doctor();
    expect(lax.code).toBe(0);
    expect(lax.stdout).toContain(
      `warning: The bulk lane is paused in ${REGION} until an operator resumes it (lane-paused)`,
    );
    expect(lax.stdout).toContain(`remedy: greenroom pace resume ${REGION} --lane bulk --stage ${STAGE}`);
    expect((await doctor('--strict')).code).toBe(1);
    await stage.heal();
    stage.account.denied.add('cloudwatch:DescribeAlarms');
    expect((await doctor()).code).toBe(0);
    expect(await doctor('--strict')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('not checked: alarms: cloudwatch:DescribeAlarms is not permitted'),
    });
  });

  test('ends with 1 after an error, and prints one object with --json', async () => {
    await stage.send('parked');
    try {
      const { code, stdout } = await doctor('--json');
      expect(code).toBe(1);
      const report = JSON.parse(stdout);
      expect(report).toMatchObject({
        stage: STAGE,
        region: REGION,
        healthy: false,
        errors: 1,
        warnings: 0,
        notChecked: 0,
      });
      const found = report.checks.flatMap(({ findings }: { findings: object[] }) => findings);
      expect(found).toMatchObject([
        { name: 'messages-parked', level: 'error', remedy: expect.stringContaining('redrive') },
      ]);
    } finally {
      await stage.purge('parked');
    }
  });

  test.each([
    ['credentials that have expired', 'ExpiredToken', STAGE, 'credentials-invalid'],
    ['a stage that is not deployed', undefined, 'other', 'stage-missing'],
  ])('reports %s and nothing else', async (_, refused, name, finding) => {
    stage.account.refusedCredentials = refused;
    const child = stage.greenroom(['doctor', '--stage', name, '--json']);
    expect(await child.ended).toBe(1);
    const { checks } = JSON.parse(child.stdout);
    expect(checks).toMatchObject([{ findings: [{ name: finding }] }]);
  });

  test('loads its clients only when it runs, and no function contains them', () => {
    const own = ['lambda', 'cloudformation', 'cloudwatch', 'service-quotas', 'sts', 'eventbridge'];
    const program = readFileSync('dist/cli/main.js', 'utf8');
    for (const name of own) {
      const loads = program.match(new RegExp(`.{20}require\\("@aws-sdk/client-${name}"\\)`, 'g'));
      expect(loads).toEqual([expect.stringMatching(/loaded\d*\?\?=require/)]);
    }
    const bundles = readdirSync('functions').map((file) => `dist/${file.replace(/\.ts$/, '')}/index.cjs`);
    expect(bundles.length).toBeGreaterThan(5);
    for (const bundle of bundles)
      expect(readFileSync(bundle, 'utf8')).not.toMatch(
        /GetEventSourceMapping|ListServiceQuotas|DescribeAlarms|ListStackResources/,
      );
  });
});
