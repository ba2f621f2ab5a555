import type { Message } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { InvocationResult } from './execution-environment.ts';

const responseSchema = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() })
  .nullish();

/**
 * Those messages of a batch that must not be deleted after an invocation. After a failed invocation, none may be deleted. With
 * ReportBatchItemFailures, none may be deleted either if the response is malformed or names a message that was not in the batch. An empty
 * response reports no failures. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function unfinishedMessageIds(
  result: InvocationResult,
  messages: Message[],
  reportsFailures: boolean,
): Set<string> {
  const all = new Set(messages.flatMap(({ MessageId }) => MessageId ?? []));
  if (result.kind !== 'ok') return all;
  if (!reportsFailures) return new Set();
  const response = responseSchema.safeParse(result.payload);
  if (!response.success) return all;
  const failed = (response.data?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
  return failed.every((id) => all.has(id)) ? new Set(failed) : all;
}
