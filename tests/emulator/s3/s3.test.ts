import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetBucketNotificationConfigurationCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  createQueue,
  OPEN_TO_SERVICES,
  openGateway,
  REGION,
  receiveAll,
  type Stack,
  type TestQueue,
  uniqueName,
} from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await openGateway();
});
afterAll(() => stack.close());

const PART_BYTES = 5 * 1_048_576;

const openQueue = () => createQueue(stack.sqs, { Policy: OPEN_TO_SERVICES });

async function createBucket(): Promise<string> {
  const Bucket = uniqueName('bucket');
  await stack.s3.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

const put = (Bucket: string, Key: string, Body = 'content') =>
  stack.s3.send(new PutObjectCommand({ Bucket, Key, Body }));

async function read(Bucket: string, Key: string): Promise<string> {
  const { Body } = await stack.s3.send(new GetObjectCommand({ Bucket, Key }));
  return must(Body).transformToString();
}

async function putInTwoParts(Bucket: string, Key: string): Promise<void> {
  const { UploadId } = await stack.s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const parts = ['a'.repeat(PART_BYTES), 'b'].map(async (Body, index) => {
    const PartNumber = index + 1;
    const { ETag } = await stack.s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
    return { ETag, PartNumber };
  });
  const MultipartUpload = { Parts: await Promise.all(parts) };
  await stack.s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload }));
}

test('objects are put, read by range and listed by prefix', async () => {
  const Bucket = await createBucket();
  await put(Bucket, 'reports/a b+c.csv', 'key,name\n');
  await put(Bucket, 'other/d.csv');
  expect(await read(Bucket, 'reports/a b+c.csv')).toBe('key,name\n');
  const { Body } = await stack.s3.send(new GetObjectCommand({ Bucket, Key: 'reports/a b+c.csv', Range: 'bytes=4-7' }));
  expect(await must(Body).transformToString()).toBe('name');
  const { Contents = [] } = await stack.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'reports/' }));
  expect(Contents.map(({ Key }) => Key)).toEqual(['reports/a b+c.csv']);
});

/** A bucket that notifies a queue of every new object. */
async function createNotifyingBucket(): Promise<{ Bucket: string; queue: TestQueue }> {
  const Bucket = await createBucket();
  const queue = await openQueue();
  const QueueConfigurations = [{ QueueArn: queue.arn, Events: ['s3:ObjectCreated:*' as const] }];
  await stack.s3.send(
    new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: { QueueConfigurations } }),
  );
  await receiveAll(stack.sqs, queue.url);
  return { Bucket, queue };
}

// "Amazon S3 creates a zero-byte object with the folder name": https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-folders.html
test.each([
  ['an empty object', 'empty.csv'],
  ['a folder, as the console makes it', 'a&b/2026/'],
])('%s is stored and announced like any other object', async (_case, Key) => {
  const { Bucket, queue } = await createNotifyingBucket();
  const { ETag } = await stack.s3.send(
    new PutObjectCommand({ Bucket, Key, Body: '', ContentLength: 0, ContentType: 'text/csv' }),
  );
  expect(ETag).toBe('"d41d8cd98f00b204e9800998ecf8427e"');
  const stored = await stack.s3.send(new GetObjectCommand({ Bucket, Key }));
  expect([await must(stored.Body).transformToString(), stored.ContentType, stored.ContentEncoding]).toEqual([
    '',
    'text/csv',
    undefined,
  ]);
  const [notice] = (await receiveAll(stack.sqs, queue.url)).map((message) => JSON.parse(must(message.Body)));
  expect(notice).toMatchObject({ Records: [{ s3: { object: { size: 0 } } }] });
});

// The SDK sends an empty body as one empty chunk. Other clients send only `Content-Length: 0`.
test.each([
  ['an empty object', 'empty.csv'],
  ['a folder', 'manifests/2026/'],
])('%s is stored and announced even if its request has no body', async (_case, Key) => {
  const { Bucket, queue } = await createNotifyingBucket();
  const { statusCode, headers } = await putWithoutBody(`/${Bucket}/${Key}`);
  expect([statusCode, headers.etag]).toEqual([200, '"d41d8cd98f00b204e9800998ecf8427e"']);
  const stored = await stack.s3.send(new GetObjectCommand({ Bucket, Key }));
  expect([await must(stored.Body).transformToString(), stored.ContentEncoding]).toEqual(['', undefined]);
  const notices = (await receiveAll(stack.sqs, queue.url)).map((message) => JSON.parse(must(message.Body)));
  const record = { eventName: 'ObjectCreated:Put', s3: { object: { key: Key, size: 0 } } };
  expect(notices).toMatchObject([{ Records: [record] }]);
});

async function putWithoutBody(path: string): Promise<IncomingMessage> {
  const put = request(`${stack.endpoint}${path}`, {
    method: 'PUT',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=local/20261126/${REGION}/s3/aws4_request, SignedHeaders=host, Signature=0`,
      'content-length': '0',
    },
  });
  put.end();
  const [answer]: IncomingMessage[] = await once(put, 'response');
  must(answer).resume();
  return must(answer);
}

test('an object may be uploaded in parts', async () => {
  const Bucket = await createBucket();
  await putInTwoParts(Bucket, 'large');
  const content = await read(Bucket, 'large');
  expect([content.length, content.at(0), content.at(-1)]).toEqual([PART_BYTES + 1, 'a', 'b']);
});

/** "With a single PUT operation, you can upload a single object up to 5 GB in size": https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html */
describe('an object of more than 100 MiB', () => {
  const content = Buffer.alloc(100 * 1_048_576 + 1, 'a');
  const md5 = createHash('md5').update(content).digest('hex');

  test.each<[string, () => Buffer | Readable]>([
    ['in one piece', () => content],
    [
      'as a stream, whose chunks and checksum the client encodes',
      () => Readable.from([content.subarray(0, 1), content.subarray(1)]),
    ],
  ])(
    'is stored as it was sent, with its metadata: %s',
    async (_how, body) => {
      const Bucket = await createBucket();
      const ContentLength = content.byteLength;
      const upload = { Bucket, Key: 'large', Body: body(), ContentLength, Metadata: { name: 'festival' } };
      const { ETag } = await stack.s3.send(new PutObjectCommand(upload));
      expect(ETag).toBe(`"${md5}"`);
      const { Body, Metadata } = await stack.s3.send(new GetObjectCommand({ Bucket, Key: 'large' }));
      expect(Metadata).toEqual({ name: 'festival' });
      const stored = await must(Body).transformToByteArray();
      expect(createHash('md5').update(stored).digest('hex')).toBe(md5);
    },
    30_000,
  );
});

describe('a bucket with a notification', () => {
  const configure = (Bucket: string, queueArn: string) =>
    stack.s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket,
        NotificationConfiguration: {
          QueueConfigurations: [
            {
              Id: 'manifests',
              QueueArn: queueArn,
              Events: ['s3:ObjectCreated:*'],
              Filter: {
                Key: {
                  FilterRules: [
                    { Name: 'prefix', Value: 'a&b/' },
                    { Name: 'suffix', Value: '.csv' },
                  ],
                },
              },
            },
          ],
        },
      }),
    );

  async function bodiesIn(queue: TestQueue): Promise<Record<string, unknown>[]> {
    return (await receiveAll(stack.sqs, queue.url)).map(({ Body }) => JSON.parse(must(Body)));
  }

  test('sends a test event, as S3 does, and returns its configuration', async () => {
    const [Bucket, queue] = [await createBucket(), await openQueue()];
    await configure(Bucket, queue.arn);
    expect(await bodiesIn(queue)).toMatchObject([{ Event: 's3:TestEvent', Bucket }]);
    const described = await stack.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
    expect(described.QueueConfigurations).toMatchObject([{ Id: 'manifests', QueueArn: queue.arn }]);
  });

  test('notifies the queue of new objects that match the filter, even if they were uploaded in parts', async () => {
    const [Bucket, queue] = [await createBucket(), await openQueue()];
    await configure(Bucket, queue.arn);
    await bodiesIn(queue);

    const { ETag } = await put(Bucket, 'a&b/two words.csv', 'key\n');
    await put(Bucket, 'a&b/notes.txt');
    await put(Bucket, 'elsewhere/rooms.csv');
    const [event, ...others] = await bodiesIn(queue);
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      Records: [
        {
          eventVersion: '2.1',
          eventSource: 'aws:s3',
          awsRegion: REGION,
          eventName: 'ObjectCreated:Put',
          s3: {
            configurationId: 'manifests',
            bucket: { name: Bucket, arn: `arn:aws:s3:::${Bucket}` },
            object: { key: 'a%26b/two+words.csv', size: 4, eTag: ETag?.replaceAll('"', '') },
          },
        },
      ],
    });

    await putInTwoParts(Bucket, 'a&b/large.csv');
    expect(await bodiesIn(queue)).toMatchObject([
      { Records: [{ eventName: 'ObjectCreated:CompleteMultipartUpload', s3: { object: { size: PART_BYTES + 1 } } }] },
    ]);
  });

  test('cannot be configured if the queue or the bucket does not exist', async () => {
    const queue = await openQueue();
    await expect(configure(await createBucket(), `${queue.arn}-absent`)).rejects.toMatchObject({
      name: 'InvalidArgument',
    });
    await expect(configure('no-such-bucket', queue.arn)).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });
});
