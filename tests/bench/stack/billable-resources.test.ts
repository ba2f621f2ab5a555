import { beforeAll, describe, expect, test } from '@jest/globals';
import { BILLING, unknownTypes } from '../../../bench/costs/billable-resources.ts';
import { readDeclared } from '../../../bench/costs/declared.ts';
import { PRICES } from '../../../bench/prices.ts';
import { compileTemplate, type Resources } from '../../alarms/compiled-template.ts';

/** Parameters that add resources. */
const ALL = {
  alarmEmail: 'operators@example.com',
  eventBusName: 'fixtures',
  upstreamAccounts: '111122223333',
  tracing: 'true',
};
let plain: Resources;
let all: Resources;

beforeAll(() => {
  plain = compileTemplate({}).resources;
  all = compileTemplate(ALL).resources;
}, 120_000);

const asTemplate = (resources: Resources) => ({
  Resources: Object.fromEntries(
    Object.entries(resources).map(([id, resource]) => [id, { ...resource, DependsOn: [], Condition: undefined }]),
  ),
  Outputs: {},
});

describe('the prices of resources', () => {
  test('exist for every type of resource, unless a reason states why it is free', () => {
    expect(unknownTypes(asTemplate(plain))).toEqual([]);
    expect(unknownTypes(asTemplate(all))).toEqual([]);
  });

  test('control: a type of resource without prices is found', () => {
    const key = { Type: 'AWS::KMS::Key', Properties: {} };
    expect(unknownTypes(asTemplate({ ...all, Key: key }))).toEqual(['AWS::KMS::Key']);
  });

  test('exist for no type that the template lacks, and every price belongs to a type', () => {
    const types = new Set(Object.values(all).map(({ Type }) => Type));
    expect(Object.keys(BILLING).toSorted()).toEqual([...types].toSorted());
    const used = Object.values(BILLING).flatMap((billing) => (billing.kind === 'priced' ? billing.by : []));
    expect([...new Set(used)].toSorted()).toEqual(Object.keys(PRICES).toSorted());
  });
});

test('the figures on which costs depend are read from the template', () => {
  const declared = readDeclared(asTemplate(plain));
  expect({ ...declared, memoryMb: Object.fromEntries(declared.memoryMb) }).toMatchObject({
    schedules: [
      { functionName: 'schedule-live-events', everySeconds: 300 },
      { functionName: 'sweep-rooms', everySeconds: 3_600 },
      { functionName: 'release-rooms', everySeconds: 60 },
    ],
    memoryMb: { 'provision-rooms': 512, 'start-bulk-job': 512, 'sweep-rooms': 256, 'release-rooms': 1024 },
    dashboards: 1,
    eventSources: 9,
    logRetentionDays: 30,
    keyRetentionDays: 90,
    rosterRetentionDays: 90,
    manifestRetentionDays: 120,
    reportRetentionDays: 400,
  });
  expect(declared.alarmMetrics).toBeGreaterThan(declared.alarms);
});

describe('the schedules', () => {
  const withResource = (id: string, Type: string, Properties: Record<string, unknown>) =>
    asTemplate({ ...plain, [id]: { Type, Properties } });
  const idOf = (functionName: string) =>
    Object.keys(plain).find((id) => plain[id]?.Properties.FunctionName === `greenroom-prod-${functionName}`);

  test('and the resources that cost money are the same whether or not releases are on', () => {
    const on = compileTemplate({ releases: 'true' }).resources;
    expect(readDeclared(asTemplate(on))).toEqual(readDeclared(asTemplate(plain)));
    expect(on).not.toEqual(plain);
  }, 120_000);

  test('are read too if a rule of an event bus is among the rules', () => {
    expect(readDeclared(asTemplate(all)).schedules).toEqual(readDeclared(asTemplate(plain)).schedules);
  });

  test('control: a function that is invoked in an unknown way is an error', () => {
    const Properties = { FunctionName: 'greenroom-prod-extra', MemorySize: 256, Environment: { Variables: {} } };
    const extra = withResource('Extra', 'AWS::Lambda::Function', Properties);
    expect(() => readDeclared(extra)).toThrow('Neither an event source nor a schedule invokes Extra');
  });

  const withRule = (ScheduleExpression: string, targets: number) => {
    const Targets = Array.from({ length: targets }, () => ({ Arn: { 'Fn::GetAtt': [idOf('sweep-rooms'), 'Arn'] } }));
    return withResource('Extra', 'AWS::Events::Rule', { ScheduleExpression, Targets });
  };

  test('contain a new rule', () => {
    const { schedules } = readDeclared(withRule('rate(2 minutes)', 1));
    expect(schedules.at(-1)).toEqual({ functionName: 'sweep-rooms', everySeconds: 120 });
  });

  test.each([
    ['rate(1 minute)', 2, 'Too big'],
    ['cron(0 * * * ? *)', 1, 'is not a rate'],
    ['rate(1 day)', 1, 'is not a rate'],
  ])('control: a rule with %s and %i target(s) is an error', (expression, targets, problem) => {
    expect(() => readDeclared(withRule(expression, targets))).toThrow(problem);
  });
});
