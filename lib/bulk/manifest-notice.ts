import * as z from 'zod/mini';
import { sha256 } from '../contract/keys.ts';

/** One new object that S3 has announced. */
export interface ManifestNotice {
  bucket: string;
  key: string;
  etag: string;
  /** The hexadecimal number by which S3 orders the events of one key (see `isLater`). Absent if the event has none. */
  sequencer?: string;
  /** The time of the upload, in epoch milliseconds. Absent if the event has none. */
  putAtMs?: number;
}

/** The objects that a message announces: the manifests, and the ignored objects with the reason for each. */
export interface Notices {
  manifests: ManifestNotice[];
  ignored: { key: string; why: 'folder' | 'elsewhere' }[];
}

interface NewObject extends ManifestNotice {
  size: number;
}

/** The folder of manifests. The bucket also contains reports, and an EventBridge rule may announce every object. */
const MANIFEST_PREFIX = 'manifests/';
/** SNS may wrap an event from S3 or EventBridge. A message from SNS is not wrapped again. */
const MAX_WRAPPINGS = 1;

const timeSchema = z.catch(z.optional(z.pipe(z.iso.datetime({ offset: true }), z.transform(Date.parse))), undefined);
const sizeSchema = z._default(z.number(), 0);

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
const creationSchema = z.pipe(
  z.object({
    eventName: z.string().check(z.startsWith('ObjectCreated:')),
    eventTime: timeSchema,
    s3: z.object({
      bucket: z.object({ name: z.string() }),
      // The key is form-encoded: S3 writes a space as "+".
      object: z.object({
        key: z.pipe(z.string(), z.transform(decodeFormText)),
        eTag: z.string(),
        size: sizeSchema,
        sequencer: z.optional(z.string()),
      }),
    }),
  }),
  z.transform(({ eventTime, s3 }): NewObject[] => {
    const { key, eTag, size, sequencer } = s3.object;
    return [newObject({ bucket: s3.bucket.name, key, etag: eTag, size }, sequencer, eventTime)];
  }),
);

/**
 * Other events about objects, such as deletions, restores and changes of tags. Only `eventName` identifies them, because they have fewer
 * fields. For example, a deletion has no ETag.
 */
const otherRecordSchema = z.pipe(
  z.object({ eventName: z.string().check(z.regex(/^(?!ObjectCreated:)/)), s3: z.object({}) }),
  z.transform((): NewObject[] => []),
);

const recordSchema = z.union([otherRecordSchema, creationSchema]);

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html; keys are not encoded here. */
const eventBridgeSchema = z.pipe(
  z.object({
    source: z.literal('aws.s3'),
    'detail-type': z.literal('Object Created'),
    time: timeSchema,
    detail: z.object({
      bucket: z.object({ name: z.string() }),
      object: z.object({ key: z.string(), etag: z.string(), size: sizeSchema, sequencer: z.optional(z.string()) }),
    }),
  }),
  z.transform(({ time, detail: { bucket, object } }): NewObject[] => {
    const { sequencer, ...rest } = object;
    return [newObject({ bucket: bucket.name, ...rest }, sequencer, time)];
  }),
);

const noticeSchema = z.union([
  z.pipe(
    z.object({ Records: z.array(recordSchema) }),
    z.transform(({ Records }) => Records.flat()),
  ),
  eventBridgeSchema,
  // Other events about objects, from EventBridge.
  z.pipe(
    z.object({ source: z.literal('aws.s3'), 'detail-type': z.string().check(z.regex(/^(?!Object Created$)/)) }),
    z.transform((): NewObject[] => []),
  ),
  // S3 sends this test event once to every queue or topic that receives a bucket's events.
  z.pipe(
    z.object({ Event: z.literal('s3:TestEvent') }),
    z.transform((): NewObject[] => []),
  ),
]);

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
const snsSchema = z.object({ Type: z.literal('Notification'), Message: z.string() });

/**
 * Reads the new objects that a message announces. The message is an event from S3 or from EventBridge, possibly wrapped by SNS.
 * @throws ZodError or SyntaxError if it is none of these
 */
export function readNotices(body: string): Notices {
  const notices: Notices = { manifests: [], ignored: [] };
  for (const { size, ...manifest } of readObjects(body, MAX_WRAPPINGS)) {
    const { key } = manifest;
    if (!key.startsWith(MANIFEST_PREFIX)) notices.ignored.push({ key, why: 'elsewhere' });
    // The S3 console creates an empty object for a folder.
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-folders.html
    else if (key.endsWith('/') && size === 0) notices.ignored.push({ key, why: 'folder' });
    else notices.manifests.push(manifest);
  }
  return notices;
}

function readObjects(body: string, wrappingsLeft: number): NewObject[] {
  const value: unknown = JSON.parse(body);
  const wrapped = snsSchema.safeParse(value).data;
  if (wrapped && wrappingsLeft > 0) return readObjects(wrapped.Message, wrappingsLeft - 1);
  return noticeSchema.parse(value);
}

function newObject(
  object: Omit<NewObject, 'sequencer' | 'putAtMs'>,
  sequencer: string | undefined,
  putAtMs: number | undefined,
): NewObject {
  return { ...object, ...(sequencer !== undefined && { sequencer }), ...(putAtMs !== undefined && { putAtMs }) };
}

/** The id of a bulk job, which is the same for every notice of the same content under the same object key. `etag`: without its quotes. */
export function bulkJobId({ bucket, key, etag }: Pick<ManifestNotice, 'bucket' | 'key' | 'etag'>): string {
  return sha256([bucket, key, etag].join('\n'));
}

/** The id of an additional job for content that was uploaded again under a name other than that of its first job. */
export function namedJobId({ bucket, key, etag }: ManifestNotice, name: string): string {
  return sha256([bucket, key, etag, name].join('\n'));
}

/** The id of the job for content that was uploaded again after its job was stopped. Every such upload of the content belongs to this job. */
export function laterJobId(stoppedJobId: string, stoppedAtMs: number): string {
  return sha256([stoppedJobId, 'uploaded after the stop', stoppedAtMs].join('\n'));
}

/** A notice as S3 writes it. */
export function noticeText({ bucket, key, etag, sequencer, putAtMs }: ManifestNotice): string {
  const object = { key: encodeURIComponent(key), eTag: etag, size: 1, ...(sequencer !== undefined && { sequencer }) };
  const time = putAtMs === undefined ? {} : { eventTime: new Date(putAtMs).toISOString() };
  return JSON.stringify({
    Records: [{ eventName: 'ObjectCreated:Put', ...time, s3: { bucket: { name: bucket }, object } }],
  });
}

/** The facts that are stored about a handled notice. They distinguish a later notice from an earlier one and from a copy. */
export interface SeenNotice {
  sequencer?: string | undefined;
  put_at?: number | undefined;
}

/**
 * Whether a notice announces a later upload than `seen`, a notice of the same object that was already handled. False for a copy of `seen`,
 * and for an earlier notice that arrives late.
 * "To compare these values, you first right pad the shorter value with zeros and then do a lexicographical comparison":
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 * @param handledAtMs when `seen` was handled. It is used if the time of that upload is not known
 */
export function isLater(notice: ManifestNotice, seen: SeenNotice | undefined, handledAtMs: number): boolean {
  const { sequencer, putAtMs } = notice;
  if (sequencer !== undefined && seen?.sequencer !== undefined) {
    const length = Math.max(sequencer.length, seen.sequencer.length);
    return sequencer.padEnd(length, '0').toUpperCase() > seen.sequencer.padEnd(length, '0').toUpperCase();
  }
  return putAtMs !== undefined && putAtMs > (seen?.put_at ?? handledAtMs);
}

function decodeFormText(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
