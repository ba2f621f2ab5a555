import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { Logger } from '@aws-lambda-powertools/logger';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type ParsedCompletion, parseCompletions } from 'greenroom/completions';
import { type Outcome, useOutcome } from './use-outcome.ts';

/**
 * How long an id is remembered. As long as greenroom keeps a key (90 days by default), it answers a repeated request with the same
 * completion, which may then wait in the queue for 14 days.
 */
const REMEMBERED_SECONDS = 120 * 24 * 60 * 60;

const logger = new Logger({ serviceName: 'room-consumer' });
const config = new IdempotencyConfig({
  eventKeyJmesPath: 'id',
  throwOnNoIdempotencyKey: true,
  expiresAfterSeconds: REMEMBERED_SECONDS,
  responseHook(result, { idempotencyKey }) {
    logger.info('Repeat dropped', { idempotencyKey });
    return result;
  },
});

/** Stores the id of the outcome with a conditional write first, so that only one delivery of it is used. */
const useOnce = makeIdempotent(
  async (outcome: Outcome) => {
    await useOutcome(outcome);
    return true;
  },
  {
    config,
    persistenceStore: new DynamoDBPersistenceLayer({ tableName: process.env.SEEN_TABLE ?? '' }),
    // By default, the stored id contains the name of the function above, which a bundler may change with every build.
    keyPrefix: 'completion',
  },
);

/**
 * Uses each completion of a batch once.
 * @returns the messages that SQS must deliver again. After five receives, it moves them to the dead-letter queue
 */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  config.registerLambdaContext(context);
  const failed = new Set<number>();
  // One after the other: if a batch contains a completion twice, the second one is then recognised as a repeat at once.
  for (const [index, completion] of parseCompletions(event).entries())
    if (!(await isDone(completion))) failed.add(index);
  const messages = event.Records.filter((_, index) => failed.has(index));
  return { batchItemFailures: messages.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

async function isDone(completion: ParsedCompletion): Promise<boolean> {
  try {
    if (completion.kind === 'unreadable') throw new Error(completion.problem);
    if (completion.kind === 'room-provisioned' || completion.kind === 'room-failed') await useOnce(completion);
    return true;
  } catch (error) {
    logger.error('Not done', { id: completion.id, error: error instanceof Error ? error.message : String(error) });
    return false;
  }
}
