import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { AccountConcurrency } from '../emulator/lambda/account-concurrency.ts';
import type { EventSourceMapping, LambdaDefinition } from '../emulator/lambda/definitions.ts';
import { type EventSource, startEventSource } from '../emulator/lambda/event-source.ts';
import type { LambdaFunction } from '../emulator/lambda/lambda-function.ts';
import { createRandom } from '../emulator/random.ts';

export interface Polling {
  region: string;
  /** The seed that determines which messages are duplicated. Each event source has its own sequence. */
  seed: number;
  duplicateRate: number;
  /** The concurrency that all event sources share. */
  account: AccountConcurrency;
  /** The client of SQS that Lambda uses with the function's role. */
  sqsFor(definition: LambdaDefinition): SQSClient;
  /** How long a receive waits for messages. Default: one second */
  pollSeconds?: number;
  onError(error: unknown): void;
}

/** Starts the enabled event sources one after the other. */
export async function* startEventSources(
  mappings: readonly EventSourceMapping[],
  functions: readonly LambdaFunction[],
  polling: Polling,
  ownSqs: SQSClient,
): AsyncGenerator<EventSource> {
  for (const [index, mapping] of mappings.entries()) {
    const source = { mapping, functions, random: createRandom(polling.seed + index) };
    if (mapping.enabled) yield await startSource(source, polling, ownSqs);
  }
}

interface Source {
  mapping: EventSourceMapping;
  functions: readonly LambdaFunction[];
  random(): number;
}

async function startSource(
  { mapping, functions, random }: Source,
  { region, duplicateRate, account, sqsFor, pollSeconds, onError }: Polling,
  ownSqs: SQSClient,
): Promise<EventSource> {
  const QueueName = mapping.queueArn.split(':').at(-1);
  const { QueueUrl: queueUrl = '' } = await ownSqs.send(new GetQueueUrlCommand({ QueueName }));
  const { invoke, definition } = functionOf(functions, mapping.functionArn, ({ arn }) => arn === mapping.functionArn);
  const sqs = sqsFor(definition);
  const throttling = { account, visibilityTimeoutMs: await visibilityTimeoutMs(sqs, queueUrl) };
  const polling = {
    sqs,
    ownSqs,
    queueUrl,
    region,
    invoke,
    duplicateRate,
    random,
    onError,
    ...(pollSeconds && { pollSeconds }),
  };
  return startEventSource(mapping, { ...polling, throttling });
}

/**
 * Lambda needs the role's permission for this call:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions
 */
async function visibilityTimeoutMs(sqs: SQSClient, QueueUrl: string): Promise<number> {
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['VisibilityTimeout'] });
  const { Attributes } = await sqs.send(command);
  return Number(Attributes?.VisibilityTimeout) * 1000;
}

/** @throws Error with `name` if there is none */
export function functionOf(
  functions: readonly LambdaFunction[],
  name: string,
  isNamed: (definition: LambdaDefinition) => boolean,
): LambdaFunction {
  const found = functions.find(({ definition }) => isNamed(definition));
  if (!found) throw new Error(`The template has no function named ${name}`);
  return found;
}
