import * as z from 'zod';
import { sha256 } from '../../contract/keys.ts';

/** One object that S3 tells of. */
export interface ManifestNotice {
  bucket: string;
  key: string;
  etag: string;
}

const noticeSchema = z.object({
  eventName: z.string(),
  s3: z.object({
    bucket: z.object({ name: z.string() }),
    // Encoded like a form: S3 writes a space as "+".
    object: z.object({ key: z.string().transform(decodeFormText), eTag: z.string() }),
  }),
});

const bodySchema = z.union([
  z.object({ Records: z.array(noticeSchema) }).transform(({ Records }) => Records),
  // Sent once to every queue that is told of a bucket's objects.
  z.object({ Event: z.literal('s3:TestEvent') }).transform(() => []),
]);

/** The new objects that a message of S3 tells of. @throws ZodError if it is none of S3's */
export function readNotices(body: string): ManifestNotice[] {
  return bodySchema
    .parse(JSON.parse(body))
    .filter(({ eventName }) => eventName.startsWith('ObjectCreated:'))
    .map(({ s3 }) => ({ bucket: s3.bucket.name, key: s3.object.key, etag: s3.object.eTag }));
}

/** The id of a bulk job: the same for every notice of the same content at the same place. `etag`: without its quotes. */
export function bulkJobId({ bucket, key, etag }: ManifestNotice): string {
  return sha256([bucket, key, etag].join('\n'));
}

function decodeFormText(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
