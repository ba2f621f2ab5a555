import type { S3Client } from '@aws-sdk/client-s3';
import { isAwsHost } from './aws-endpoint.ts';

/**
 * Makes a client put the bucket into the path if the endpoint is outside AWS, because a host name that begins with the bucket often does
 * not resolve there. The SDK does this only for IP addresses. The endpoint may be set in a variable or in a file, so it is known only at
 * the client's first call.
 */
export function addressByPath(client: S3Client): S3Client {
  const { config } = client;
  const { endpointProvider } = config;
  config.endpointProvider = (parameters, context) => {
    const hostname = parameters.Endpoint === undefined ? undefined : URL.parse(parameters.Endpoint)?.hostname;
    const isOutsideAws = hostname !== undefined && !isAwsHost(hostname);
    return endpointProvider(isOutsideAws ? { ...parameters, ForcePathStyle: true } : parameters, context);
  };
  return client;
}
