import { dirname, resolve } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Denial } from '../../../emulator/iam/usage.ts';
import { createAccountConcurrency } from '../../../emulator/lambda/account-concurrency.ts';
import type { ScheduledRule } from '../../../emulator/lambda/definitions.ts';
import { readTemplate, type Template } from '../../../emulator/template/read-template.ts';
import { startScheduledRules } from '../../../local/scheduled-rules.ts';
import { templateFile } from '../../../local/start/make-package.ts';
import { createFrom, openStackGateway } from '../../emulator/template/template-fixture.ts';
import { type Stack, until } from '../../support/gateway-clients.ts';

const FILE = templateFile(resolve());
const PERMISSION = 'AWS::Lambda::Permission';

let stack: Stack | undefined;
afterEach(async () => {
  await stack?.close();
  stack = undefined;
});

/** The packaged template with changed permissions. @param change returns undefined to remove a permission */
function withPermissions(change: (properties: Record<string, unknown>) => object | undefined): Template {
  const template = readTemplate(FILE);
  const resources = Object.entries(template.Resources).flatMap(([id, resource]) => {
    if (resource.Type !== PERMISSION) return [[id, resource] as const];
    const Properties = change(resource.Properties);
    return Properties ? [[id, { ...resource, Properties: { ...Properties } }] as const] : [];
  });
  return { ...template, Resources: Object.fromEntries(resources) };
}

/** Runs the rules of a template every millisecond, until each has tried to invoke its function. @returns the names of invoked functions */
async function runRules(template: Template, enforces = true) {
  const denials: Denial[] = [];
  const invoked = new Set<string>();
  stack = await openStackGateway(
    enforces ? { policies: { tagsOf: () => undefined, onDenied: (denial) => denials.push(denial) } } : {},
  );
  const made = await createFrom(template, dirname(FILE), stack);
  const functions = made.functions.map((definition) => ({
    definition,
    invoke: async () => {
      invoked.add(definition.name);
      return { kind: 'ok', payload: null } as const;
    },
    pids: () => [],
    stop: async () => undefined,
    removeFiles: () => undefined,
  }));
  const rules = made.scheduledRules.map((rule): ScheduledRule => ({ ...rule, everyMs: 1 }));
  const { sqs } = stack;
  const polling = { region: 'eu-west-1', seed: 1, duplicateRate: 0, onError: fail, sqsFor: () => sqs };
  const started = startScheduledRules(rules, functions, { ...polling, account: createAccountConcurrency() }, stack.iam);
  const refused = () => new Set(denials.map(({ resource }) => resource));
  await until(async () => (invoked.size + refused().size >= rules.length ? true : undefined));
  await Promise.all(started.map((rule) => rule.stop()));
  return { invoked: [...invoked].toSorted(), denials };
}

function fail(error: unknown): never {
  throw error;
}

const FUNCTIONS = [
  'greenroom-local-release-rooms',
  'greenroom-local-schedule-live-events',
  'greenroom-local-sweep-rooms',
];

describe('a rule', () => {
  test('invokes a function because the packaged template permits it to', async () => {
    expect(await runRules(readTemplate(FILE))).toEqual({ invoked: FUNCTIONS, denials: [] });
  });

  test.each<[string, (properties: Record<string, unknown>) => object | undefined]>([
    ['there is no permission', () => undefined],
    ['the permission is for another service', (properties) => ({ ...properties, Principal: 's3.amazonaws.com' })],
    ['the permission is for another rule', (properties) => ({ ...properties, SourceArn: 'arn:aws:events:*:*:rule/x' })],
  ])('invokes no function if %s, and the refusal is reported', async (_what, change) => {
    const { invoked, denials } = await runRules(withPermissions(change));
    expect(invoked).toEqual([]);
    expect(denials).toContainEqual({
      caller: 'events.amazonaws.com',
      action: 'lambda:InvokeFunction',
      resource: 'arn:aws:lambda:eu-west-1:000000000000:function:greenroom-local-sweep-rooms',
      because: 'because no identity-based policy allows it',
    });
  });

  test('invokes any function if policies are not enforced', async () => {
    expect(
      (
        await runRules(
          withPermissions(() => undefined),
          false,
        )
      ).invoked,
    ).toEqual(FUNCTIONS);
  });
});
