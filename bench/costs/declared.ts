import * as z from 'zod';
import type { Template } from '../../emulator/template/read-template.ts';

/** Those figures in a compiled template that determine the costs. */
export interface Declared {
  /** The memory of each function, by its name without the stage. */
  memoryMb: ReadonlyMap<string, number>;
  /** The functions that EventBridge invokes, with the seconds between two invocations. */
  schedules: readonly { functionName: string; everySeconds: number }[];
  alarms: number;
  alarmMetrics: number;
  dashboards: number;
  eventSources: number;
  logRetentionDays: number;
  keyRetentionDays: number;
  rosterRetentionDays: number;
  manifestRetentionDays: number;
  reportRetentionDays: number;
}

const functionSchema = z.object({
  FunctionName: z.string(),
  MemorySize: z.coerce.number(),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
});
const functionArnSchema = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) });
const ruleSchema = z.union([
  z.object({ ScheduleExpression: z.string(), Targets: z.tuple([z.object({ Arn: functionArnSchema })]) }),
  // The rule of an event bus.
  z.object({ EventPattern: z.unknown(), ScheduleExpression: z.undefined().optional() }),
]);
const mappingSchema = z.object({ FunctionName: functionArnSchema });
const alarmSchema = z.object({ Metrics: z.array(z.looseObject({ MetricStat: z.unknown().optional() })).optional() });
const logGroupSchema = z.object({ RetentionInDays: z.number() });
const bucketSchema = z.object({
  LifecycleConfiguration: z.object({
    Rules: z.array(z.object({ Id: z.string(), ExpirationInDays: z.coerce.number().optional() })),
  }),
});

/** @throws Error if the template has a function whose invocations the benchmark cannot count, or a schedule without a known rate */
export function readDeclared(template: Template): Declared {
  const functions = new Map(entriesOf(template, 'AWS::Lambda::Function', functionSchema));
  requireKnownInvokers(template, [...functions.keys()]);
  const alarms = valuesOf(template, 'AWS::CloudWatch::Alarm', alarmSchema);
  const expiry = new Map(
    bucketSchema
      .parse(template.Resources.ManifestBucket?.Properties)
      .LifecycleConfiguration.Rules.map(({ Id, ExpirationInDays }) => [Id, ExpirationInDays]),
  );
  const variable = (name: string) =>
    z.coerce.number().parse([...functions.values()].flatMap(({ Environment }) => Environment.Variables[name] ?? [])[0]);
  return {
    memoryMb: new Map([...functions.values()].map((each) => [shortName(each.FunctionName), each.MemorySize])),
    schedules: schedulesIn(template).map(({ ScheduleExpression, functionId }) => {
      const target = functions.get(functionId);
      if (!target) throw new Error(`No function is invoked by ${ScheduleExpression}`);
      return { functionName: shortName(target.FunctionName), everySeconds: secondsOf(ScheduleExpression) };
    }),
    alarms: alarms.length,
    alarmMetrics: alarms.flatMap(({ Metrics = [{ MetricStat: {} }] }) => Metrics.filter((each) => each.MetricStat))
      .length,
    dashboards: valuesOf(template, 'AWS::CloudWatch::Dashboard', z.unknown()).length,
    eventSources: valuesOf(template, 'AWS::Lambda::EventSourceMapping', z.unknown()).length,
    logRetentionDays: Math.max(
      ...valuesOf(template, 'AWS::Logs::LogGroup', logGroupSchema).map(({ RetentionInDays }) => RetentionInDays),
    ),
    keyRetentionDays: variable('GREENROOM_KEY_RETENTION_DAYS'),
    rosterRetentionDays: variable('GREENROOM_ROSTER_RETENTION_DAYS'),
    manifestRetentionDays: z.number().parse(expiry.get('manifests')),
    reportRetentionDays: z.number().parse(expiry.get('reports')),
  };
}

function schedulesIn(template: Template): { ScheduleExpression: string; functionId: string }[] {
  return valuesOf(template, 'AWS::Events::Rule', ruleSchema).flatMap((rule) => {
    if (rule.ScheduleExpression === undefined) return [];
    const { ScheduleExpression, Targets } = rule;
    return [{ ScheduleExpression, functionId: Targets[0].Arn['Fn::GetAtt'][0] }];
  });
}

/** A function that is invoked in another way, for example by an extra kind of schedule, could run in an idle stage without being counted. */
function requireKnownInvokers(template: Template, functionIds: readonly string[]): void {
  const mappings = valuesOf(template, 'AWS::Lambda::EventSourceMapping', mappingSchema);
  const invoked = new Set([
    ...schedulesIn(template).map(({ functionId }) => functionId),
    ...mappings.map(({ FunctionName }) => FunctionName['Fn::GetAtt'][0]),
  ]);
  const others = functionIds.filter((id) => !invoked.has(id));
  if (others.length > 0)
    throw new Error(
      `Neither an event source nor a schedule invokes ${others.join(', ')}, so its invocations are unknown`,
    );
}

/** The name of a function without `greenroom-<stage>-`. */
export function shortName(functionName: string): string {
  return functionName.replace(/^greenroom-[^-]+-/, '');
}

function secondsOf(expression: string): number {
  const [, count = '', unit = ''] = /^rate\((\d+) (minute|hour)s?\)$/.exec(expression) ?? [];
  const seconds = { minute: 60, hour: 3_600 }[unit];
  if (seconds === undefined) throw new Error(`${expression} is not a rate in minutes or hours`);
  return Number(count) * seconds;
}

function entriesOf<Output>({ Resources }: Template, type: string, schema: z.ZodType<Output>): [string, Output][] {
  return Object.entries(Resources)
    .flatMap(([id, { Type, Properties }]) => (Type === type ? [[id, schema.parse(Properties)] as const] : []))
    .map(([id, value]) => [id, value]);
}

function valuesOf<Output>(template: Template, type: string, schema: z.ZodType<Output>): Output[] {
  return entriesOf(template, type, schema).map(([, value]) => value);
}
