import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { AccountConcurrency } from '../emulator/lambda/account-concurrency.ts';
import type { EventSourceMapping, LambdaDefinition } from '../emulator/lambda/definitions.ts';
import { type EventSource, startEventSource } from '../emulator/lambda/event-source.ts';
import type { LambdaFunction } from '../emulator/lambda/lambda-function.ts';
import { createRandom } from '../emulator/random.ts';

export interface Polling {
  region: string;
  /** The seed of duplicates. Each event source has its own sequence. */
  seed: number;
  duplicateRate: number;
  /** The concurrency that all event sources share. */
  account: AccountConcurrency;
  onError(error: unknown): void;
}

/** Starts the enabled event sources one after the other. */
export async function* startEventSources(
  mappings: readonly EventSourceMapping[],
  functions: readonly LambdaFunction[],
  polling: Polling,
  sqs: SQSClient,
): AsyncGenerator<EventSource> {
  for (const [index, mapping] of mappings.entries()) {
    const source = { mapping, functions, random: createRandom(polling.seed + index) };
    if (mapping.enabled) yield await startSource(source, polling, sqs);
  }
}

interface Source {
  mapping: EventSourceMapping;
  functions: readonly LambdaFunction[];
  random(): number;
}

async function startSource(
  { mapping, functions, random }: Source,
  { region, duplicateRate, account, onError }: Polling,
  sqs: SQSClient,
): Promise<EventSource> {
  const QueueName = mapping.queueArn.split(':').at(-1);
  const { QueueUrl: queueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  const { invoke } = functionOf(functions, mapping.functionArn, ({ arn }) => arn === mapping.functionArn);
  const throttling = { account, visibilityTimeoutMs: await visibilityTimeoutMs(sqs, queueUrl) };
  return startEventSource(mapping, { sqs, queueUrl, region, invoke, throttling, duplicateRate, random, onError });
}

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
  if (!found) throw new Error(`The template has no function ${name}`);
  return found;
}
