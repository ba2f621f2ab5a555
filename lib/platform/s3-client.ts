import { S3Client } from '@aws-sdk/client-s3';
import { isAwsHost } from './aws-endpoint.ts';
import type { ClientSettings } from './base-clients.ts';
import { timeLimits } from './time-limits.ts';

const CALL_TIMEOUT_MS = 20_000;

/**
 * Separate from the base clients, because only two functions use S3, and its client is the largest.
 * @param settings the default is for functions: each attempt of a call times out after 20 s
 */
export function createS3Client(settings: ClientSettings = { requestHandler: timeLimits(CALL_TIMEOUT_MS) }): S3Client {
  const client = new S3Client(settings);
  addressByPath(client);
  return client;
}

/**
 * At an endpoint outside AWS, the bucket is a part of the path, because a name such as BUCKET.localhost cannot be resolved. The SDK does
 * this only for IP addresses. The endpoint may be set in a variable or in a file, so the client learns it only at its first call.
 */
function addressByPath({ config }: S3Client): void {
  const { endpointProvider } = config;
  config.endpointProvider = (parameters, context) => {
    const hostname = parameters.Endpoint === undefined ? undefined : URL.parse(parameters.Endpoint)?.hostname;
    const isOutsideAws = hostname !== undefined && !isAwsHost(hostname);
    return endpointProvider(isOutsideAws ? { ...parameters, ForcePathStyle: true } : parameters, context);
  };
}
