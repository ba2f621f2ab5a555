import * as z from 'zod';
import type { Deployed } from './compiled-template.ts';

const queueSchema = z.looseObject({
  QueueName: z.string(),
  VisibilityTimeout: z.coerce.number().default(30),
  MessageRetentionPeriod: z.number(),
  RedrivePolicy: z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() }).optional(),
});
const functionSchema = z.looseObject({
  FunctionName: z.string(),
  Timeout: z.coerce.number(),
  Role: z.string(),
  Environment: z.object({ Variables: z.record(z.string(), z.coerce.string()) }),
});
const mappingSchema = z.looseObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: z.number(),
  ScalingConfig: z.object({ MaximumConcurrency: z.number() }),
});

const MINUTES = { minute: 1, hour: 60 };
const ruleSchema = z.looseObject({
  ScheduleExpression: z.string().transform((text) => {
    const [, count, unit = ''] = /^rate\((\d+) (minute|hour)s?\)$/.exec(text) ?? [];
    return Number(count) * (unit === 'hour' ? MINUTES.hour : MINUTES.minute) * 60_000;
  }),
  Targets: z.tuple([z.looseObject({ Arn: z.string() })]),
});

/** An EventBridge rule that invokes a function at a rate. */
export interface ScheduledRule {
  functionName: string;
  everyMs: number;
}

export async function rulesOf(deployed: Deployed): Promise<ScheduledRule[]> {
  const ids = deployed
    .idsOf('AWS::Events::Rule')
    .filter((id) => deployed.resources[id]?.Properties.ScheduleExpression !== undefined);
  const rules = await Promise.all(ids.map(async (id) => ruleSchema.parse(await deployed.propertiesOf(id))));
  return rules.map(({ ScheduleExpression: everyMs, Targets: [{ Arn }] }) => ({
    functionName: Arn.split(':').at(-1) ?? '',
    everyMs,
  }));
}

const invokeConfigSchema = z.looseObject({
  FunctionName: z.string(),
  MaximumRetryAttempts: z.number(),
  MaximumEventAgeInSeconds: z.number(),
});

/** How Lambda repeats asynchronous invocations, by the name of the function, for functions that do not have the defaults. */
export async function invokeConfigsOf(deployed: Deployed): Promise<Map<string, { retries: number; maxAgeMs: number }>> {
  const ids = deployed.idsOf('AWS::Lambda::EventInvokeConfig');
  const configs = await Promise.all(ids.map(async (id) => invokeConfigSchema.parse(await deployed.propertiesOf(id))));
  return new Map(
    configs.map(({ FunctionName, MaximumRetryAttempts: retries, MaximumEventAgeInSeconds: ageSeconds }) => [
      FunctionName,
      { retries, maxAgeMs: ageSeconds * 1_000 },
    ]),
  );
}

/** An event source of a function. */
export type MappingProperties = z.infer<typeof mappingSchema>;
export type FunctionProperties = z.infer<typeof functionSchema>;

export async function functionsOf(deployed: Deployed): Promise<FunctionProperties[]> {
  const ids = deployed.idsOf('AWS::Lambda::Function');
  return Promise.all(ids.map(async (id) => functionSchema.parse(await deployed.propertiesOf(id))));
}

export async function mappingsOf(deployed: Deployed): Promise<MappingProperties[]> {
  const ids = deployed.idsOf('AWS::Lambda::EventSourceMapping');
  return Promise.all(ids.map(async (id) => mappingSchema.parse(await deployed.propertiesOf(id))));
}

export async function queuesOf(deployed: Deployed): Promise<z.infer<typeof queueSchema>[]> {
  const ids = deployed.idsOf('AWS::SQS::Queue');
  // Without a name, CloudFormation chooses one.
  return Promise.all(ids.map(async (id) => queueSchema.parse({ QueueName: id, ...(await deployed.propertiesOf(id)) })));
}

/** The queues by name. `deadLetters`: the ARN of the dead-letter queue */
export async function readQueueRules(deployed: Deployed) {
  const queues = await queuesOf(deployed);
  return new Map(
    queues.map(({ QueueName, VisibilityTimeout, MessageRetentionPeriod, RedrivePolicy }) => [
      QueueName,
      {
        visibilityTimeoutMs: VisibilityTimeout * 1000,
        retentionMs: MessageRetentionPeriod * 1000,
        ...(RedrivePolicy && {
          maxReceiveCount: RedrivePolicy.maxReceiveCount,
          deadLetters: RedrivePolicy.deadLetterTargetArn,
        }),
      },
    ]),
  );
}
