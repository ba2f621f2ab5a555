import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SchedulerClient } from '@aws-sdk/client-scheduler';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { EventSourceMapping, LambdaDefinition } from '../../lambda/definitions.ts';
import type { Created } from '../resolve.ts';

/** What resources are made with, and where those that are not services of AWS are collected. */
export interface Making {
  clients: { sqs: SQSClient; sns: SNSClient; dynamodb: DynamoDBClient; s3: S3Client; scheduler: SchedulerClient };
  region: string;
  accountId: string;
  stackName: string;
  /** The folder that holds the functions' packages. */
  artifactsDir: string;
  functions: LambdaDefinition[];
  eventSourceMappings: EventSourceMapping[];
}

/** Makes one resource, or finds it made already: a stack that is started again meets its own. */
export type Make = (logicalId: string, properties: unknown, making: Making) => Promise<Created>;

/**
 * A kind of resource: its properties are checked strictly, because one that is not honoured must not be passed over.
 * `make` gets them parsed.
 */
export function kind<Schema extends z.ZodType>(
  schema: Schema,
  make: (logicalId: string, properties: z.output<Schema>, making: Making) => Promise<Created>,
): Make {
  return (logicalId, properties, making) => {
    const parsed = schema.safeParse(properties);
    if (parsed.success) return make(logicalId, parsed.data, making);
    throw new Error(`${logicalId} cannot be made here:\n${z.prettifyError(parsed.error)}`);
  };
}

/** Numbers stand in templates as numbers or as text. */
export const numeric = z.union([z.number(), z.string().regex(/^\d+$/)]).transform(Number);
export const ignored = z.unknown().optional();
