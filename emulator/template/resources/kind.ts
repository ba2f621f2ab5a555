import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SchedulerClient } from '@aws-sdk/client-scheduler';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { Iam } from '../../iam/iam.ts';
import type { EventSourceMapping, LambdaDefinition, ScheduledRule } from '../../lambda/definitions.ts';
import type { Created } from '../resolve.ts';

/** The clients and settings with which resources are created, and the declared functions, mappings and rules so far. */
export interface Making {
  clients: { sqs: SQSClient; sns: SNSClient; dynamodb: DynamoDBClient; s3: S3Client; scheduler: SchedulerClient };
  /** Where roles and the policies of topics and buckets are created. */
  iam: Iam;
  region: string;
  accountId: string;
  stackName: string;
  /** The folder with the functions' packages. */
  artifactsDir: string;
  functions: LambdaDefinition[];
  eventSourceMappings: EventSourceMapping[];
  scheduledRules: ScheduledRule[];
}

/** Creates one resource, or finds the resource that an earlier start of the stack created. */
export type Make = (logicalId: string, properties: unknown, making: Making) => Promise<Created>;

/**
 * A kind of resource. Its properties are checked strictly, so that none is ignored by mistake: each one has an effect, is listed as
 * `ignored`, or is an error. `make` gets the parsed properties.
 */
export function kind<Schema extends z.ZodType>(
  schema: Schema,
  make: (logicalId: string, properties: z.output<Schema>, making: Making) => Promise<Created>,
): Make {
  return (logicalId, properties, making) => {
    const parsed = schema.safeParse(properties);
    if (parsed.success) return make(logicalId, parsed.data, making);
    throw new Error(`${logicalId} cannot be created here:\n${z.prettifyError(parsed.error)}`);
  };
}

/** Templates may write a number as a number or as a string. */
export const numeric = z.union([z.number(), z.string().regex(/^\d+$/)]).transform(Number);
export const ignored = z.unknown().optional();
