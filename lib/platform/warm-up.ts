import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { ListRoomsCommand } from '@aws-sdk/client-ivschat';
import { PublishCommand } from '@aws-sdk/client-sns';
import type { MiddlewareStack } from '@smithy/types';
import type { AwsClients } from './aws-clients.ts';

/**
 * Runs one call of each kind through the SDK without sending it. Call it while the function is loading, because Lambda then gives a worker
 * more CPU time. Without the warm-up, a cold worker would send the calls of its first batch too late for their slots.
 */
export async function warmUp({ dynamodb, sns, ivsChat }: AwsClients, region: string): Promise<void> {
  const update = new UpdateItemCommand({ TableName: 'none', Key: { id: { S: 'none' } } });
  const publish = new PublishCommand({ TopicArn: 'none', Message: 'none' });
  const list = new ListRoomsCommand({});
  respondWithoutSending(update.middlewareStack, { $metadata: {} });
  respondWithoutSending(publish.middlewareStack, { $metadata: {} });
  respondWithoutSending(list.middlewareStack, { $metadata: {}, rooms: [] });
  // If a call fails here, for example because credentials are missing, the first real call fails for the same reason and reports it.
  await Promise.allSettled([dynamodb.send(update), sns.send(publish), ivsChat(region).send(list)]);
}

function respondWithoutSending<Input extends object, Output extends object>(
  stack: MiddlewareStack<Input, Output>,
  output: Output,
): void {
  stack.add(() => async () => ({ output, response: undefined }), {
    step: 'finalizeRequest',
    // This step runs after the request is signed, in place of the step that sends it.
    priority: 'low',
    name: 'respondWithoutSending',
  });
}
