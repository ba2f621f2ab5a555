import { S3Client } from '@aws-sdk/client-s3';
import type { ClientSettings } from './base-clients.ts';
import { timeLimits } from './time-limits.ts';

const CALL_TIMEOUT_MS = 20_000;

/**
 * Separate from the base clients, because only two functions use S3, and its client is the largest.
 * @param settings the default is for functions: each attempt at a call times out after 20 s
 */
export function createS3Client(settings: ClientSettings = { requestHandler: timeLimits(CALL_TIMEOUT_MS) }): S3Client {
  return new S3Client(settings);
}
