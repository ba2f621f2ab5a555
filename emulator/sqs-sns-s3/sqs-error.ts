import * as z from 'zod';
import type { ServiceResponse } from '../service.ts';

/** A refusal in the words of SQS. */
export class SqsError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function invalidParameter(message: string): SqsError {
  return new SqsError('InvalidParameterValue', message);
}

/** Parses a request or an entry of a batch. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalidParameter(z.prettifyError(parsed.error));
}

/**
 * The codes that differ in the older query protocol. SQS sends them too, and SDK clients use them as error names, for example
 * `AWS.SimpleQueueService.NonExistentQueue`. The `awsQueryError` traits of the service model list them.
 */
const QUERY_CODES = new Map(
  Object.entries<string>({
    QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
    MessageNotInflight: 'AWS.SimpleQueueService.MessageNotInflight',
    UnsupportedOperation: 'AWS.SimpleQueueService.UnsupportedOperation',
    EmptyBatchRequest: 'AWS.SimpleQueueService.EmptyBatchRequest',
    TooManyEntriesInBatchRequest: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest',
    InvalidBatchEntryId: 'AWS.SimpleQueueService.InvalidBatchEntryId',
    BatchEntryIdsNotDistinct: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct',
    BatchRequestTooLong: 'AWS.SimpleQueueService.BatchRequestTooLong',
  }),
);

const CONTENT_TYPE = { 'content-type': 'application/x-amz-json-1.0' };

export function successResponse(output: object): ServiceResponse {
  return { status: 200, headers: CONTENT_TYPE, body: JSON.stringify(output) };
}

export function errorResponse({ code, message }: SqsError): ServiceResponse {
  return {
    status: 400,
    headers: { ...CONTENT_TYPE, 'x-amzn-query-error': `${QUERY_CODES.get(code) ?? code};Sender` },
    body: JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message }),
  };
}
