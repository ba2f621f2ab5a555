import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { ignored, kind, numeric } from './kind.ts';

const functionProperties = z.strictObject({
  FunctionName: z.string(),
  Handler: z.string(),
  Runtime: z.string().regex(/^nodejs/, 'only Node.js functions are supported'),
  Code: z.looseObject({ S3Key: z.string() }),
  Timeout: numeric,
  MemorySize: numeric,
  Environment: z.strictObject({ Variables: z.record(z.string(), z.coerce.string()) }).optional(),
  /** The ARN of the role whose session signs the function's requests. Without a role, an administrator signs them. */
  Role: z.string().optional(),
  // Functions run on this machine's processor, and the other properties have no effect on them.
  Architectures: ignored,
  Description: ignored,
  Tags: ignored,
  LoggingConfig: ignored,
  TracingConfig: ignored,
});

export const makeFunction = kind(functionProperties, async (logicalId, properties, making) => {
  const { FunctionName: name, Handler, Code, Timeout, MemorySize, Environment, Role } = properties;
  const artifact = join(making.artifactsDir, basename(Code.S3Key));
  if (!existsSync(artifact)) throw new Error(`The package of ${name} does not exist: ${artifact}`);
  const arn = `arn:aws:lambda:${making.region}:${making.accountId}:function:${name}`;
  making.functions.push({
    logicalId,
    name,
    arn,
    handler: Handler,
    environment: Environment?.Variables ?? {},
    timeoutSeconds: Timeout,
    memoryMb: MemorySize,
    artifact,
    ...(Role !== undefined && { roleArn: Role }),
  });
  return { ref: name, attributes: { Arn: arn } };
});

const mappingProperties = z.strictObject({
  EventSourceArn: z.string().regex(/^arn:[^:]+:sqs:/, 'only queues are supported'),
  FunctionName: z.string(),
  BatchSize: numeric.default(10),
  MaximumBatchingWindowInSeconds: numeric.default(0),
  ScalingConfig: z.strictObject({ MaximumConcurrency: numeric }).optional(),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  Enabled: z.boolean().default(true),
});

// Without a maximum, Lambda runs up to 1,250 concurrent invocations, which is too many for one machine.
const DEFAULT_CONCURRENCY = 10;

export const makeEventSourceMapping = kind(mappingProperties, async (logicalId, properties, making) => {
  making.eventSourceMappings.push({
    logicalId,
    queueArn: properties.EventSourceArn,
    functionArn: properties.FunctionName,
    batchSize: properties.BatchSize,
    batchingWindowSeconds: properties.MaximumBatchingWindowInSeconds,
    maximumConcurrency: properties.ScalingConfig?.MaximumConcurrency ?? DEFAULT_CONCURRENCY,
    reportBatchItemFailures: properties.FunctionResponseTypes.length > 0,
    enabled: properties.Enabled,
  });
  return { ref: logicalId, attributes: { Id: logicalId } };
});
