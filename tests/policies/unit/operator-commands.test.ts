import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { decide } from '../../../emulator/iam/evaluate.ts';
import { type IdentityPolicy, identityPolicySchema, parsePolicy } from '../../../emulator/iam/policy.ts';
import { filledPolicy } from '../policy-files.ts';
import { awsCommandsOf, EXCLUDED, neededBy, type Permission, STEPS } from './operator-commands.ts';

const guide = readFileSync('docs/operations.md', 'utf8');
const operator = parsePolicy(identityPolicySchema, filledPolicy('operator'), 'operators');
const commands = awsCommandsOf(guide);
const needed = [...commands.flatMap(neededBy), ...STEPS.flatMap(({ needs }) => needs)];

function decisionOn({ action, resource }: Permission, policy: IdentityPolicy) {
  const arn = 'arn:aws:iam::000000000000:user/operator';
  return decide({ kind: 'identity', arn, policies: [policy] }, { action, resource, context: {} }, undefined);
}

const refusedBy = (policy: IdentityPolicy) =>
  needed.filter((each) => !decisionOn(each, policy).allowed).map(({ action, resource }) => `${action} on ${resource}`);

const runbookStatements = operator.Statement.filter(({ Sid }) => Sid?.startsWith('Runbook'));

describe('operator.json permits the commands of the operations guide', () => {
  test('every command of the AWS CLI, and every step that the guide describes without a command', () => {
    expect(commands.length).toBeGreaterThan(40);
    expect(refusedBy(operator)).toEqual([]);
  });

  test('the guide still contains the steps and the excluded commands', () => {
    const words = guide.replaceAll(/\s+/g, ' ');
    expect(STEPS.filter((step) => !words.includes(step.words))).toEqual([]);
    const names = new Set(commands.map(({ name }) => name));
    expect(Object.keys(EXCLUDED).filter((name) => !names.has(name))).toEqual([]);
  });

  test('no statement for the guide permits more than the guide needs', () => {
    const used = new Set(
      needed.flatMap((each) => {
        const decision = decisionOn(each, operator);
        return decision.allowed ? decision.by.map(({ action, resource }) => `${action} on ${resource}`) : [];
      }),
    );
    const granted = runbookStatements.flatMap(({ Action, Resource }) =>
      Action.flatMap((action) => Resource.map((resource) => `${action} on ${resource}`)),
    );
    expect(granted.filter((grant) => !used.has(grant))).toEqual([]);
  });
});

describe('controls', () => {
  test.each([
    ...runbookStatements.map(({ Sid }) => Sid),
    'MoveDeadLetters',
    'DoctorReadsQueues',
    'DoctorReadsTheAccount',
  ])('without the statement %s, something is refused', (sid) => {
    const Statement = operator.Statement.filter(({ Sid }) => Sid !== sid);
    expect(Statement).toHaveLength(operator.Statement.length - 1);
    expect(refusedBy({ ...operator, Statement })).not.toEqual([]);
  });

  test('commands in code, in shell blocks and within other commands are found, and no other words', () => {
    const page = [
      '## One',
      'The aws sqs list-queues of `/aws/lambda/x` and `aws a b --c "$(aws d e-f)"`.',
      '```sh\naws g h \\\n  --name i\n```',
    ].join('\n');
    expect(awsCommandsOf(page).map(({ name, rest }) => name + rest)).toEqual([
      'g h    --name i',
      'a b --c "$(aws d e-f)"',
      'd e-f)"',
    ]);
  });

  test('a command that the table does not contain is an error, and so is an excluded command in another section', () => {
    const command = { rest: '', section: 'Alarms' };
    expect(() => neededBy({ ...command, name: 'sqs purge-queue' })).toThrow('aws sqs purge-queue');
    expect(() => neededBy({ ...command, name: 'dynamodb delete-table' })).toThrow('aws dynamodb delete-table');
    const unknownQueue = { ...command, name: 'sqs receive-message', rest: ' --queue-name greenroom-prod-interactive' };
    expect(() => neededBy(unknownQueue)).toThrow('greenroom-prod-interactive');
  });
});
