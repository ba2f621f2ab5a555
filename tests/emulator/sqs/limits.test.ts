import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createQueue,
  openGateway,
  queueAttributes,
  receive,
  type Stack,
  until,
} from '../../support/gateway-clients.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await openGateway();
});
afterAll(() => stack.close());

const INVALID = { name: 'InvalidParameterValue' };
const send = (url: string, MessageBody: string, extra: object = {}) =>
  stack.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody, ...extra }));

describe('queue URLs', () => {
  test('point to the gateway in every response', async () => {
    const { url, name } = await createQueue(stack.sqs);
    expect(url).toBe(`${stack.endpoint}/000000000000/${name}`);
    const found = await stack.sqs.send(new GetQueueUrlCommand({ QueueName: name }));
    const listed = await stack.sqs.send(new ListQueuesCommand({ QueueNamePrefix: name }));
    const again = await stack.sqs.send(new CreateQueueCommand({ QueueName: name }));
    expect([found.QueueUrl, again.QueueUrl, ...(listed.QueueUrls ?? [])]).toEqual([url, url, url]);
  });

  test('identify a queue by the name only, whatever the host and port', async () => {
    const { url, name } = await createQueue(stack.sqs);
    await send(`http://localhost:1/000000000000/${name}`, 'found');
    expect((await receive(stack.sqs, url)).map(({ Body }) => Body)).toEqual(['found']);
    await expect(send(`${stack.endpoint}/000000000000/absent`, 'lost')).rejects.toMatchObject({
      name: 'AWS.SimpleQueueService.NonExistentQueue',
    });
  });

  test('of a deleted queue do not work', async () => {
    const { url } = await createQueue(stack.sqs);
    await stack.sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
    await expect(send(url, 'late')).rejects.toMatchObject({ name: 'AWS.SimpleQueueService.NonExistentQueue' });
  });

  test('do not exist for FIFO queues, which are refused', async () => {
    await expect(
      stack.sqs.send(new CreateQueueCommand({ QueueName: 'a.fifo', Attributes: { FifoQueue: 'true' } })),
    ).rejects.toMatchObject(INVALID);
  });
});

describe('DelaySeconds', () => {
  test('delays a message', async () => {
    const { url } = await createQueue(stack.sqs);
    await send(url, 'delayed', { DelaySeconds: 1 });
    expect(await receive(stack.sqs, url)).toEqual([]);
    expect((await queueAttributes(stack.sqs, url)).ApproximateNumberOfMessagesDelayed).toBe('1');
    const message = await until(async () => (await receive(stack.sqs, url))[0]);
    expect(message.Body).toBe('delayed');
  });

  test('is refused outside 0 to 900, for messages, entries and queues', async () => {
    const { url } = await createQueue(stack.sqs);
    for (const DelaySeconds of [-1, 901])
      await expect(send(url, 'late', { DelaySeconds })).rejects.toMatchObject(INVALID);
    await expect(send(url, 'in time', { DelaySeconds: 900 })).resolves.toBeDefined();

    const batch = await stack.sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: [
          { Id: 'good', MessageBody: 'x', DelaySeconds: 900 },
          { Id: 'bad', MessageBody: 'x', DelaySeconds: 901 },
        ],
      }),
    );
    expect(batch.Successful?.map(({ Id }) => Id)).toEqual(['good']);
    expect(batch.Failed?.map(({ Id, Code }) => [Id, Code])).toEqual([['bad', 'InvalidParameterValue']]);
    await expect(
      stack.sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { DelaySeconds: '901' } })),
    ).rejects.toMatchObject({ name: 'AWS.SimpleQueueService.InvalidAttributeValue' });
  });
});

describe('the size of a message', () => {
  test.each([983_040, 1_048_576])('may be up to %i bytes if the queue allows it', async (limit) => {
    const { url } = await createQueue(stack.sqs, { MaximumMessageSize: String(limit) });
    await expect(send(url, 'x'.repeat(limit))).resolves.toBeDefined();
    await expect(send(url, 'x'.repeat(limit + 1))).rejects.toMatchObject(INVALID);
  });

  test('counts bytes and not characters, and includes the names, types and values of attributes', async () => {
    const { url } = await createQueue(stack.sqs, { MaximumMessageSize: '1024' });
    await expect(send(url, 'ü'.repeat(513))).rejects.toMatchObject(INVALID);
    const attributes = { MessageAttributes: { abc: { DataType: 'String', StringValue: '1234567' } } };
    await expect(send(url, 'x'.repeat(1024 - 16), attributes)).resolves.toBeDefined();
    await expect(send(url, 'x'.repeat(1024 - 15), attributes)).rejects.toMatchObject(INVALID);
  });

  test('may be up to 1 MiB for a whole batch', async () => {
    const { url } = await createQueue(stack.sqs);
    const batchOf = (bytes: number) =>
      stack.sqs.send(
        new SendMessageBatchCommand({
          QueueUrl: url,
          Entries: [
            { Id: '1', MessageBody: 'x'.repeat(524_288) },
            { Id: '2', MessageBody: 'x'.repeat(bytes) },
          ],
        }),
      );
    await expect(batchOf(524_289)).rejects.toMatchObject({ name: 'AWS.SimpleQueueService.BatchRequestTooLong' });
    await expect(batchOf(524_288)).resolves.toMatchObject({ Successful: [{ Id: '1' }, { Id: '2' }] });
  });
});

test('a body may contain every character that XML 1.0 allows, including astral characters', async () => {
  const { url } = await createQueue(stack.sqs);
  await send(url, 'party \u{1F389}\n');
  expect((await receive(stack.sqs, url))[0]?.Body).toBe('party \u{1F389}\n');
  await expect(send(url, 'bell \u0007')).rejects.toMatchObject({ name: 'InvalidMessageContents' });
  await expect(send(url, '"\ufffe"')).rejects.toMatchObject({ name: 'InvalidMessageContents' });
});

// "The Name, Type, Value, and the message body must not be empty or null", and a value has "the same restrictions on the content
// as the message body": https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
/*
 * "The name can contain alphanumeric characters and the underscore (_), hyphen (-), and period (.). […] The name must not start with
 * AWS-reserved prefixes such as AWS. or Amazon. (or any casing variants). The name must not start or end with a period (.), and it should
 * not have periods in succession (..). The name can be up to 256 characters long."
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 */
test.each([
  ['name', 'with space', 'String'],
  ['name', 'aws.trace', 'String'],
  ['name', '.leading', 'String'],
  ['name', 'trailing.', 'String'],
  ['name', 'two..periods', 'String'],
  ['name', 'n'.repeat(257), 'String'],
  ['type', 'good', 'Text'],
  ['type', 'good', 'string'],
])('an attribute is refused for its %s: %s of type %s', async (_part, name, DataType) => {
  const { url } = await createQueue(stack.sqs);
  const ofName = (each: string, type: string) =>
    send(url, 'body', { MessageAttributes: { [each]: { DataType: type, StringValue: '1' } } });
  await expect(ofName(name, DataType)).rejects.toMatchObject(INVALID);
  await expect(ofName('greenroom-needed-by', 'String.iso')).resolves.toBeDefined();
});

// "MessageGroupId can contain alphanumeric characters (a-z, A-Z, 0-9) and punctuation", 128 at most:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
test.each(['two words', 'Zürich', 'g'.repeat(129)])('the message group %j is refused', async (MessageGroupId) => {
  const { url } = await createQueue(stack.sqs);
  await expect(send(url, 'body', { MessageGroupId })).rejects.toMatchObject(INVALID);
  await expect(send(url, 'body', { MessageGroupId: `${'t'.repeat(64)}/ap-northeast-1` })).resolves.toBeDefined();
});

test.each(['bell \u0007', '\ufffe', ''])('an attribute with the value %j is refused', async (StringValue) => {
  const { url } = await createQueue(stack.sqs);
  const MessageAttributes = { note: { DataType: 'String', StringValue } };
  await expect(send(url, 'body', { MessageAttributes })).rejects.toMatchObject(INVALID);
});

test.each([
  ['no entries', 0, 'AWS.SimpleQueueService.EmptyBatchRequest'],
  ['eleven entries', 11, 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest'],
])('a batch of %s is refused', async (_, count, name) => {
  const { url } = await createQueue(stack.sqs);
  const Entries = Array.from({ length: count }, (_entry, index) => ({ Id: String(index), MessageBody: 'x' }));
  await expect(stack.sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }))).rejects.toMatchObject({ name });
});

test('a batch with the same id twice is refused', async () => {
  const { url } = await createQueue(stack.sqs);
  const entry = { Id: 'same', MessageBody: 'x' };
  await expect(
    stack.sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: [entry, entry] })),
  ).rejects.toMatchObject({ name: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct' });
});
