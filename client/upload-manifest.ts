import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { PutObjectCommand, S3ServiceException } from '@aws-sdk/client-s3';
import { bulkJobId } from '../lib/bulk/manifest-notice.ts';
import {
  ALL_OR_NOTHING_METADATA,
  ENCODING_METADATA,
  LITERAL_METADATA,
  NAME_METADATA,
} from '../lib/bulk/manifest-settings.ts';
import type { Deployment } from './deployment.ts';
import { explainError } from './explain-error.ts';
import { typed } from './typed-command.ts';
import { UserError } from './user-error.ts';

export interface UploadSettings {
  allOrNothing: boolean;
  /** The name from which the keys of rows without a key are derived. Default: the file's base name */
  name?: string;
  /** The encoding in which the file was checked, so that the service reads the same text. */
  encoding?: string;
  /** Whether to accept each cell of a CSV file exactly as it is. */
  literal?: boolean;
  now: Date;
  signal: AbortSignal;
}

/** The file as S3 stores it. */
interface ManifestObject {
  fileName: string;
  content: Buffer;
}

/**
 * Uploads a manifest with `putManifest`, and explains a failure to the user.
 * @throws UserError if the object may exist although no response arrived; errors from SQS and S3
 */
export async function uploadManifest(
  deployment: Deployment,
  object: ManifestObject,
  settings: UploadSettings,
): Promise<string> {
  const bucket = await deployment.manifestBucket();
  return await putManifest({ s3: deployment.s3, bucket }, object, settings).catch((error) =>
    explainUpload(error, settings.signal),
  );
}

/**
 * Puts a manifest under a new key into the bucket, so that each upload of a file is a new job. The body is in memory, so the SDK can send
 * it again if the connection fails. It cannot repeat a stream that it has begun to read.
 * @returns the id of its job
 * @throws the error of S3. If no response arrived, the object may exist
 */
export async function putManifest(
  { s3, bucket }: { s3: Deployment['s3']; bucket: string },
  { fileName, content }: ManifestObject,
  { allOrNothing, name, encoding, literal, now, signal }: UploadSettings,
): Promise<string> {
  const upload = `${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;
  const key = `manifests/${upload}/${basename(fileName)}`;
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: content,
    Metadata: {
      ...(name !== undefined && { [NAME_METADATA]: name }),
      ...(encoding !== undefined && { [ENCODING_METADATA]: encoding }),
      ...(literal && { [LITERAL_METADATA]: 'true' }),
      ...(allOrNothing && { [ALL_OR_NOTHING_METADATA]: 'true' }),
    },
  });
  const { ETag } = await s3.send(command, { abortSignal: signal });
  if (ETag === undefined) throw new Error('PutObject returned no ETag');
  return bulkJobId({ bucket, key, etag: ETag.replaceAll('"', '') });
}

function explainUpload(error: unknown, signal: AbortSignal): never {
  if (signal.aborted)
    throw new UserError(`Interrupted: the upload may have begun a job; see ${typed('jobs')}`, {
      cause: error,
    });
  if (error instanceof S3ServiceException) throw error;
  const known = `The file may have been uploaded: see ${typed('jobs')}. If you upload it again, no second room is created`;
  throw new UserError(`${explainError(error)}. ${known}`, { cause: error });
}
