import { randomUUID } from 'node:crypto';
import { ACCOUNT_ID } from '../account.ts';
import type { ServiceRequest, ServiceResponse } from '../service.ts';
import {
  type BucketNotification,
  type BucketNotifications,
  matchesNotification,
  parseNotification,
  type QueueNotification,
} from './bucket-notifications.ts';
import { createMessage, type Fauxqs, S3_SENDER_ID } from './fauxqs.ts';
import type { S3Object, SqsQueue } from './fauxqs-types.ts';
import { maySend } from './queue-policy.ts';

/** S3: fauxqs, extended with event notifications to queues. Buckets are addressed by path. */
export function createS3(fauxqs: Fauxqs, notifications: BucketNotifications) {
  return {
    async handle(request: ServiceRequest): Promise<ServiceResponse> {
      const { bucket, key } = locationOf(request.path);
      if (key === '' && request.query.has('notification')) return configure(fauxqs, notifications, bucket, request);
      const response = await fauxqs.forward(withBody(request));
      const eventName = eventOf(request);
      const configured = notifications.get(bucket);
      if (key !== '' && eventName && configured && 'status' in response && response.status === 200)
        notify(fauxqs, configured, eventName, bucket, fauxqs.s3Store.headObject(bucket, key));
      return response;
    },
  };
}

/** fauxqs accepts an empty body only in chunked encoding, as a single empty chunk. */
function withBody(request: ServiceRequest): ServiceRequest {
  const isEmpty = request.method === 'PUT' && request.body.length === 0 && !('x-amz-copy-source' in request.headers);
  if (!isEmpty) return request;
  const { 'content-length': _length, ...headers } = request.headers;
  const encodings = [headers['content-encoding'], 'aws-chunked'].filter((each) => each !== undefined);
  const body = Buffer.from('0\r\n\r\n');
  const type = headers['content-type'] ?? 'application/octet-stream';
  return { ...request, body, headers: { ...headers, 'content-encoding': encodings.join(','), 'content-type': type } };
}

function locationOf(path: string): { bucket: string; key: string } {
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  return { bucket, key: decodeURIComponent(key) };
}

/** The event that a successful request causes, if any. */
function eventOf({ method, query, headers }: ServiceRequest): string | undefined {
  if (method === 'POST' && query.has('uploadId')) return 'ObjectCreated:CompleteMultipartUpload';
  if (method !== 'PUT' || query.has('uploadId') || query.has('renameObject')) return undefined;
  return 'x-amz-copy-source' in headers ? 'ObjectCreated:Copy' : 'ObjectCreated:Put';
}

/** Answers GetBucketNotificationConfiguration and PutBucketNotificationConfiguration. */
function configure(
  { s3Store, sqsStore }: Fauxqs,
  notifications: BucketNotifications,
  bucket: string,
  { method, body }: ServiceRequest,
): ServiceResponse {
  if (!s3Store.hasBucket(bucket)) return refusal(404, 'NoSuchBucket', 'The specified bucket does not exist');
  if (method === 'GET') return xmlResponse(200, notifications.get(bucket)?.xml ?? '<NotificationConfiguration/>');
  if (method !== 'PUT') return refusal(405, 'MethodNotAllowed', 'The specified method is not allowed');
  const notification = parseNotification(body.toString('utf8'));
  if (!notification) return refusal(501, 'NotImplemented', 'Only queues can be notified here');
  const queues = notification.queues.map(({ queueArn }) => sqsStore.getQueueByArn(queueArn));
  if (!queues.every((queue) => queue && mayBeTold(queue, bucket)))
    return refusal(400, 'InvalidArgument', 'Unable to validate the following destination configurations');
  notifications.set(bucket, notification);
  for (const queue of queues) queue?.enqueue(createMessage({ body: testEvent(bucket), senderId: S3_SENDER_ID }));
  return { status: 200, headers: {}, body: '' };
}

function mayBeTold(queue: SqsQueue, bucket: string): boolean {
  return maySend(queue, { principal: 's3.amazonaws.com', sourceArn: arnOf(bucket) });
}

function arnOf(bucket: string): string {
  return `arn:aws:s3:::${bucket}`;
}

/** S3 sends this event to every queue of a new configuration, so consumers must handle it. */
function testEvent(bucket: string): string {
  return JSON.stringify({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date().toISOString(),
    Bucket: bucket,
    RequestId: randomUUID(),
    HostId: randomUUID(),
  });
}

function notify(
  { sqsStore }: Fauxqs,
  { queues }: BucketNotification,
  eventName: string,
  bucket: string,
  object: S3Object,
): void {
  for (const notification of queues.filter((each) => matchesNotification(each, eventName, object.key))) {
    const body = JSON.stringify({ Records: [eventRecord(notification, eventName, bucket, object)] });
    const queue = sqsStore.getQueueByArn(notification.queueArn);
    if (queue && mayBeTold(queue, bucket)) queue.enqueue(createMessage({ body, senderId: S3_SENDER_ID }));
  }
}

/** A record in version 2.1 of S3's event message structure. */
function eventRecord({ id, queueArn }: QueueNotification, eventName: string, bucket: string, object: S3Object): object {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: queueArn.split(':')[3],
    eventTime: object.lastModified.toISOString(),
    eventName,
    userIdentity: { principalId: ACCOUNT_ID },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: { 'x-amz-request-id': randomUUID(), 'x-amz-id-2': randomUUID() },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: id,
      bucket: { name: bucket, ownerIdentity: { principalId: ACCOUNT_ID }, arn: arnOf(bucket) },
      object: {
        // S3 form-encodes the key, and consumers must decode it.
        key: encodeURIComponent(object.key).replaceAll('%2F', '/').replaceAll('%20', '+'),
        size: object.contentLength,
        eTag: object.etag.replaceAll('"', ''),
        sequencer: Date.now().toString(16).toUpperCase().padStart(16, '0'),
      },
    },
  };
}

function refusal(status: number, code: string, message: string): ServiceResponse {
  return xmlResponse(status, `<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
}

function xmlResponse(status: number, body: string): ServiceResponse {
  return { status, headers: { 'content-type': 'application/xml' }, body };
}
