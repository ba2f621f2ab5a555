import { AsyncLocalStorage } from 'node:async_hooks';
import { decodeAwsChunked } from '../../node_modules/fauxqs/dist/s3/chunkedEncoding.js';
import type { ServiceRequest, ServiceResponse } from '../service.ts';
import type { S3Store } from './fauxqs-types.ts';

type Forward = (request: ServiceRequest) => Promise<ServiceResponse>;

/** The server of fauxqs refuses bodies of more than 11 MiB. */
const LARGE_BYTES = 10 * 1_048_576;

/**
 * Lets PutObject store more than fauxqs accepts: fauxqs gets the request with an empty body, and its store gets the content. fauxqs stores
 * an object in the asynchronous context of its request, so the store finds the content that belongs to the object.
 */
export function acceptLargeUploads(s3Store: S3Store, forward: Forward): Forward {
  const contents = new AsyncLocalStorage<Buffer>();
  const putObject = s3Store.putObject.bind(s3Store);
  s3Store.putObject = (bucket, key, body, ...rest) => putObject(bucket, key, contents.getStore() ?? body, ...rest);

  return (request) => {
    if (request.method !== 'PUT' || request.body.byteLength <= LARGE_BYTES) return forward(request);
    const { content, placeholder } = split(request);
    return contents.run(content, () => forward(placeholder));
  };
}

/** The content of a request, and the same request without it. fauxqs accepts an empty body only in chunked encoding. */
function split(request: ServiceRequest): { content: Buffer; placeholder: ServiceRequest } {
  const { 'content-length': _length, ...headers } = request.headers;
  const encoding = headers['content-encoding'] ?? '';
  const { body: content, trailers } = encoding.includes('aws-chunked')
    ? decodeAwsChunked(request.body)
    : { body: request.body, trailers: {} };
  const lines = Object.entries(trailers).map(([name, value]) => `${name}:${value}\r\n`);
  const encodings = new Set([...encoding.split(',').filter(Boolean), 'aws-chunked']);
  const type = headers['content-type'] ?? 'application/octet-stream';
  return {
    content,
    placeholder: {
      ...request,
      body: Buffer.from(`0\r\n${lines.join('')}\r\n`),
      headers: { ...headers, 'content-encoding': [...encodings].join(','), 'content-type': type },
    },
  };
}
