import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import type { EventSourceMapping } from '../../local/lambda/definitions.ts';
import { type EventSource, type EventSourceOptions, startEventSource } from '../../local/lambda/event-source.ts';
import type { InvocationResult } from '../../local/lambda/execution-environment.ts';
import { createRandom } from '../../local/random.ts';
import { createArtifacts, openFunction } from '../support/packaged-function.ts';
import { createQueue, must, openGateway, type Stack, type TestQueue, until } from '../gateway/clients.ts';

const eventSchema = z.object({ Records: z.array(z.record(z.string(), z.unknown())) });
const idsOf = (event: unknown) => eventSchema.parse(event).Records.map(({ messageId }) => String(messageId));

const artifacts = createArtifacts();
const sources: EventSource[] = [];
let stack: Stack;
beforeAll(async () => {
  stack = await openGateway();
});
afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.stop(0)));
});
afterAll(async () => {
  artifacts.remove();
  await stack.close();
});
