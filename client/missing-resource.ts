/**
 * The names of SQS's error for a queue that does not exist. The service calls the error QueueDoesNotExist. If the response also names the
 * error in the notation of the earlier query protocol (header `x-amzn-query-error`), the SDK uses that notation, which is the second name.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueUrl.html#API_GetQueueUrl_Errors
 */
export const NO_QUEUE: readonly string[] = ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'];

/** SNS: NotFound (NotFoundException in its model). S3: NoSuchBucket. DynamoDB, Lambda and others: ResourceNotFoundException. */
const NO_RESOURCE = new Set([
  ...NO_QUEUE,
  'NotFound',
  'NotFoundException',
  'NoSuchBucket',
  'ResourceNotFoundException',
]);

/**
 * Whether a call failed because a resource of the stage does not exist. Code that is shared with the functions wraps the errors of a table.
 */
export function isMissingResource(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return NO_RESOURCE.has(error.name) || (error.name === 'TableUnavailableError' && isMissingResource(error.cause));
}
