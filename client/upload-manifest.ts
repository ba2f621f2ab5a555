import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { bulkJobId } from '../lib/bulk/manifest-notice.ts';
import {
  ALL_OR_NOTHING_METADATA,
  ENCODING_METADATA,
  LITERAL_METADATA,
  NAME_METADATA,
} from '../lib/bulk/manifest-settings.ts';
import type { Deployment } from './deployment.ts';

export interface UploadSettings {
  allOrNothing: boolean;
  /** The name in the keys of rows without a key. Default: the file's base name */
  name?: string;
  /** The encoding in which the file was checked, so that the service reads the same text. */
  encoding?: string;
  /** Whether each cell of a CSV file is accepted exactly as it is. */
  literal?: boolean;
  now: Date;
  signal: AbortSignal;
}

/**
 * Uploads a manifest under a new key in the bucket, so that each upload of a file is a new job.
 * @returns the id of its job
 */
export async function uploadManifest(
  deployment: Deployment,
  file: string,
  { allOrNothing, name, encoding, literal, now, signal }: UploadSettings,
): Promise<string> {
  const bucket = await deployment.manifestBucket();
  const upload = `${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;
  const key = `manifests/${upload}/${basename(file)}`;
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: createReadStream(file),
    ContentLength: (await stat(file)).size,
    Metadata: {
      ...(name !== undefined && { [NAME_METADATA]: name }),
      ...(encoding !== undefined && { [ENCODING_METADATA]: encoding }),
      ...(literal && { [LITERAL_METADATA]: 'true' }),
      ...(allOrNothing && { [ALL_OR_NOTHING_METADATA]: 'true' }),
    },
  });
  const { ETag } = await deployment.s3.send(command, { abortSignal: signal });
  if (ETag === undefined) throw new Error('PutObject returned no ETag');
  return bulkJobId({ bucket, key, etag: ETag.replaceAll('"', '') });
}
