import type { Readable } from 'node:stream';
import { bulkJobId, namedJobId } from '../../lib/bulk/manifest-notice.ts';
import type { ReadSettings } from '../../lib/bulk/manifest-settings.ts';
import { createReaderItems } from '../../lib/bulk/reader-item.ts';
import { readAsChecked } from '../../lib/bulk/reading.ts';
import { readRoster } from '../../lib/rosters/roster-states.ts';
import type { Deployment } from '../deployment.ts';
import { openObject } from '../stored-object.ts';
import { typed } from '../typed-command.ts';
import { UserError } from '../user-error.ts';

/** The manifest of a job, as the job has read it. */
export interface JobManifest {
  /** Must be read or destroyed, because until then it occupies a connection to S3. */
  body: Readable;
  fileName: string;
  /** The name from which the keys of rows without a key are derived. */
  name: string;
  readAs: ReadSettings;
}

/** The manifest of a job no longer exists, or its content has changed. */
export class ManifestGoneError extends UserError {
  /** The problem and its manifest, as the beginning of a sentence. */
  readonly problem: string;

  constructor(problem: string) {
    super(`${problem}, so its rows cannot be repeated. The report without --failed contains their keys`);
    this.problem = problem;
  }
}

/**
 * Opens the manifest that a job has read. Needs `s3:GetObject` under `manifests/`.
 * @throws ManifestGoneError; UserError if there is no such job
 */
export async function openJobManifest(
  deployment: Deployment,
  jobId: string,
  signal: AbortSignal,
): Promise<JobManifest> {
  const { dynamodb, rosterTable: tableName } = deployment;
  const [roster, reader] = await Promise.all([
    readRoster({ dynamodb, tableName }, jobId),
    createReaderItems(dynamodb, tableName, 0).read(jobId, signal),
  ]);
  if (roster?.kind !== 'bulk') throw new UserError(`There is no bulk job ${jobId} in this stage: see ${typed('jobs')}`);
  const { manifest, name } = roster.bulk;
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(manifest) ?? [];
  const object = await openObject(deployment, { bucket, key }, signal);
  if (object === undefined) throw new ManifestGoneError(`The manifest ${manifest} was deleted`);
  const { body, etag } = object;
  const notice = { bucket, key, etag };
  // The reader stores the notice of the content that it reads. Jobs of earlier versions have no stored notice, but their ids depend on the
  // content.
  if (reader?.notice?.etag === etag || jobId === bulkJobId(notice) || jobId === namedJobId(notice, name))
    return { body, fileName: key, name, readAs: readAsChecked(reader ?? {}) };
  body.destroy();
  throw new ManifestGoneError(`The manifest ${manifest} has changed since the job read it`);
}
