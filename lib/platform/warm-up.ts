import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { ListRoomsCommand } from '@aws-sdk/client-ivschat';
import { PublishCommand } from '@aws-sdk/client-sns';
import type { MiddlewareStack } from '@smithy/types';
import type { AwsClients } from './aws-clients.ts';

/**
 * Takes a call of each kind through all of the SDK but the sending, to be begun while the function is loaded: Lambda lends
 * a new worker more processor time then than later. Otherwise the first calls of a cold worker, a batch of them at once, come
 * some hundred milliseconds late for their slots.
 */
export async function warmUp({ dynamodb, sns, ivsChat }: AwsClients, region: string): Promise<void> {
  const update = new UpdateItemCommand({ TableName: 'none', Key: { id: { S: 'none' } } });
  const publish = new PublishCommand({ TopicArn: 'none', Message: 'none' });
  const list = new ListRoomsCommand({});
  answerWithoutSending(update.middlewareStack, { $metadata: {} });
  answerWithoutSending(publish.middlewareStack, { $metadata: {} });
  answerWithoutSending(list.middlewareStack, { $metadata: {}, rooms: [] });
  // What is wrong here, such as missing credentials, is met and told again by the first real call.
  await Promise.allSettled([dynamodb.send(update), sns.send(publish), ivsChat(region).send(list)]);
}

function answerWithoutSending<Input extends object, Output extends object>(
  stack: MiddlewareStack<Input, Output>,
  output: Output,
): void {
  stack.add(() => async () => ({ output, response: undefined }), {
    step: 'finalizeRequest',
    // Inside of the signing, outside of the connection.
    priority: 'low',
    name: 'answerWithoutSending',
  });
}
