import type { ServiceRequest } from '../../service.ts';
import type { Needed, ReadNeeded } from './needed.ts';

/**
 * The action for each method and subresource: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html.
 * Every step of a multipart upload, except its abort, needs the permission to put the object:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
 */
const OF_OBJECT = new Map(
  Object.entries<string>({
    GET: 's3:GetObject',
    HEAD: 's3:GetObject',
    PUT: 's3:PutObject',
    POST: 's3:PutObject',
    DELETE: 's3:DeleteObject',
    'DELETE uploadId': 's3:AbortMultipartUpload',
  }),
);
const OF_BUCKET = new Map(
  Object.entries<string>({
    GET: 's3:ListBucket',
    HEAD: 's3:ListBucket',
    PUT: 's3:CreateBucket',
    DELETE: 's3:DeleteBucket',
    'GET notification': 's3:GetBucketNotification',
    'PUT notification': 's3:PutBucketNotification',
    'GET lifecycle': 's3:GetLifecycleConfiguration',
    'PUT lifecycle': 's3:PutLifecycleConfiguration',
    'DELETE lifecycle': 's3:PutLifecycleConfiguration',
  }),
);
/** Query parameters that select another operation. */
const SUBRESOURCES = ['uploadId', 'notification', 'lifecycle'];
/** Query parameters that do not affect the permission. `x-id` only names the operation. */
const HARMLESS = [
  'x-id',
  'list-type',
  'prefix',
  'delimiter',
  'max-keys',
  'continuation-token',
  'start-after',
  'encoding-type',
  'uploads',
  'partNumber',
];

/** Every operation applies to a bucket or an object. */
export const neededByS3: ReadNeeded = (request) => {
  const { bucket, key } = locationOf(request);
  if (bucket === '') return [{ action: 's3:ListAllMyBuckets', resource: '*' }];
  const names = [...request.query.keys()];
  if (names.some((name) => ![...SUBRESOURCES, ...HARMLESS].includes(name))) return undefined;
  const subresource = names.find((name) => SUBRESOURCES.includes(name));
  const actions = key === '' ? OF_BUCKET : OF_OBJECT;
  const action =
    actions.get(`${request.method}${subresource === undefined ? '' : ` ${subresource}`}`) ?? ofPart(request, key);
  if (action === undefined) return undefined;
  return [{ action, resource: arnOf(bucket, key) }, ...neededByCopy(request)];
};

/** A request that uploads a part or completes an upload has the id of the upload. */
function ofPart({ method, query }: ServiceRequest, key: string): string | undefined {
  return key !== '' && query.has('uploadId') && ['PUT', 'POST'].includes(method) ? 's3:PutObject' : undefined;
}

function neededByCopy({ headers }: ServiceRequest): Needed[] {
  const [, bucket, key] = /^\/?([^/]+)\/(.+)$/.exec(decodeURIComponent(headers['x-amz-copy-source'] ?? '')) ?? [];
  return bucket === undefined || key === undefined ? [] : [{ action: 's3:GetObject', resource: arnOf(bucket, key) }];
}

/**
 * "If the object you request doesn't exist, the error that Amazon S3 returns depends on whether you also have the s3:ListBucket
 * permission." With it, S3 answers 404, and without it 403. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function neededToLearnThatItIsMissing(request: ServiceRequest): Needed[] {
  const { bucket, key } = locationOf(request);
  return key !== '' && ['GET', 'HEAD'].includes(request.method)
    ? [{ action: 's3:ListBucket', resource: arnOf(bucket, '') }]
    : [];
}

function arnOf(bucket: string, key: string): string {
  return `arn:aws:s3:::${bucket}${key === '' ? '' : `/${key}`}`;
}

function locationOf({ path }: ServiceRequest): { bucket: string; key: string } {
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  return { bucket, key: decodeURIComponent(key) };
}
