import { Readable } from 'node:stream';
import { GetObjectCommand, NoSuchKey, S3ServiceException } from '@aws-sdk/client-s3';
import type { Deployment } from './deployment.ts';
import { UserError } from './user-error.ts';

export interface StoredObject {
  /** Must be read or destroyed, because until then it occupies a connection. */
  body: Readable;
  etag: string;
}

/**
 * Opens an object in the bucket of a stage. Aborting the signal also ends the reading of its body.
 * @returns undefined if there is no such object
 * @throws UserError if S3 does not reveal to the user whether the object exists; the error of S3
 */
export async function openObject(
  { s3 }: Pick<Deployment, 's3'>,
  { bucket, key }: { bucket: string; key: string },
  signal: AbortSignal,
): Promise<StoredObject | undefined> {
  const command = new GetObjectCommand({ Bucket: bucket, Key: key });
  try {
    const { Body, ETag = '' } = await s3.send(command, { abortSignal: signal });
    if (!(Body instanceof Readable)) throw new Error('GetObject returned no body');
    return { body: Body, etag: ETag.replaceAll('"', '') };
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    if (!(error instanceof S3ServiceException) || error.name !== 'AccessDenied') throw error;
    // "If you don't have the s3:ListBucket permission, Amazon S3 returns an HTTP status code 403", and the policies do not contain it:
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    const what = `s3://${bucket}/${key} cannot be read (AccessDenied)`;
    throw new UserError(`${what}: it was deleted, or you lack the permission s3:GetObject`, { cause: error });
  }
}
