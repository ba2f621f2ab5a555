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
  Environment: z.object({ Variables: z.record(z.string(), z.coerce.string()) }),
});
const mappingSchema = z.looseObject({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: z.number(),
  ScalingConfig: z.object({ MaximumConcurrency: z.number() }),
});

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
  return Promise.all(ids.map(async (id) => queueSchema.parse(await deployed.propertiesOf(id))));
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
