import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import * as z from 'zod/mini';
import { manifestError } from './manifest-error.ts';
import type { ManifestNotice } from './manifest-notice.ts';
import {
  ALL_OR_NOTHING_METADATA,
  ENCODING_METADATA,
  LITERAL_METADATA,
  NAME_METADATA,
  type ReadSettings,
} from './manifest-settings.ts';
import { namespaceOf, toNamespace } from './plan-rows.ts';

/** The size is limited because every pass reads the whole manifest. Fifty thousand rows of 2 kB each have about this size. */
const MAX_MANIFEST_BYTES = 100 * 1_048_576;

const metadataSchema = z.object({
  [NAME_METADATA]: z.pipe(z._default(z.string(), ''), z.transform(toNamespace)),
  [ALL_OR_NOTHING_METADATA]: z.catch(z._default(z.stringbool(), false), false),
  [ENCODING_METADATA]: z.optional(z.string()),
  [LITERAL_METADATA]: z.catch(z._default(z.stringbool(), false), false),
});

const bodySchema = z.instanceof(Readable);

/** The settings in the metadata of a manifest. */
export interface ManifestSettings {
  namespace: string;
  allOrNothing: boolean;
  settings: ReadSettings;
}

export interface ManifestObject extends ManifestSettings {
  /** Must be read or destroyed, because until then it occupies a connection to S3. */
  body: Readable;
}

/**
 * Opens exactly the content that a notice announced.
 * @throws ManifestError if the content no longer exists or is too large; any other error of S3
 */
export async function openManifest(
  s3: S3Client,
  { bucket, key, etag }: ManifestNotice,
  signal: AbortSignal,
): Promise<ManifestObject> {
  const command = new GetObjectCommand({ Bucket: bucket, Key: key, IfMatch: `"${etag}"` });
  const { Body, Metadata, ContentLength = 0 } = await get(s3, command, signal);
  const body = bodySchema.parse(Body);
  // `signal` may abort the request before the body is read. Without a listener, that error would end the process and all other work of the
  // invocation. The code that reads the body later still receives the error.
  body.on('error', () => undefined);
  if (ContentLength > MAX_MANIFEST_BYTES) {
    body.destroy();
    throw manifestError('', 'is larger than 100 MiB: split it');
  }
  return { ...settingsOf(Metadata, key), body };
}

function settingsOf(given: Record<string, string> | undefined, key: string): ManifestSettings {
  const metadata = metadataSchema.parse(given ?? {});
  const encoding = metadata[ENCODING_METADATA];
  return {
    namespace: metadata[NAME_METADATA] || namespaceOf(key),
    allOrNothing: metadata[ALL_OR_NOTHING_METADATA],
    settings: { ...(encoding && { encoding }), literal: metadata[LITERAL_METADATA] },
  };
}

/**
 * Reads the current settings of a manifest. The same content may have been uploaded again with other metadata.
 * @returns undefined if the content no longer exists
 * @throws any other error of S3
 */
export async function currentSettings(
  s3: S3Client,
  { bucket, key, etag }: ManifestNotice,
  signal: AbortSignal,
): Promise<ManifestSettings | undefined> {
  const command = new HeadObjectCommand({ Bucket: bucket, Key: key, IfMatch: `"${etag}"` });
  try {
    const { Metadata } = await s3.send(command, { abortSignal: signal });
    return settingsOf(Metadata, key);
  } catch (error) {
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    if (status === 412 || status === 404) return undefined;
    throw error;
  }
}

async function get(s3: S3Client, command: GetObjectCommand, signal: AbortSignal): Promise<GetObjectCommandOutput> {
  try {
    return await s3.send(command, { abortSignal: signal });
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error;
    const status = error.$metadata.httpStatusCode;
    if (status === 412)
      throw manifestError('', 'was replaced before it was read completely; the new object is a separate job');
    if (status === 404) throw manifestError('', 'was deleted before it was read completely');
    throw error;
  }
}
