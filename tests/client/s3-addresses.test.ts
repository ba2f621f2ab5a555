import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, test } from '@jest/globals';
import { addressByPath } from '../../client/calls/path-addressing.ts';

const VARIABLES = ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3', 'AWS_USE_DUALSTACK_ENDPOINT', 'AWS_USE_FIPS_ENDPOINT'];

afterEach(() => {
  for (const variable of VARIABLES) delete process.env[variable];
});

/** Where a client sends the request for an object. */
async function addressOf(create: (settings: object) => S3Client, endpoint?: string): Promise<string> {
  let address = '';
  const requestHandler = {
    handle: async ({ hostname, path }: { hostname: string; path: string }) => {
      address = `${hostname}${path}`;
      throw new Error('The request is not sent');
    },
  };
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const client = create({
    region: 'eu-west-1',
    credentials,
    requestHandler,
    ...(endpoint !== undefined && { endpoint }),
  });
  await client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'a/b' })).catch(() => undefined);
  client.destroy();
  return address;
}

const byPath = (settings: object) => addressByPath(new S3Client(settings));
const VPC_ENDPOINT = 'bucket.vpce-1a2b3c4d-5e6f.s3.eu-west-1.vpce.amazonaws.com';

describe('the bucket is a part of', () => {
  test.each([
    ['the path at localhost', { AWS_ENDPOINT_URL: 'http://localhost:5777' }, 'localhost/bucket/a/b'],
    ['the path at an IP address', { AWS_ENDPOINT_URL: 'http://127.0.0.1:5777' }, '127.0.0.1/bucket/a/b'],
    ['the path at another host', { AWS_ENDPOINT_URL_S3: 'https://minio.example.com' }, 'minio.example.com/bucket/a/b'],
    ['the host without an endpoint', {}, 'bucket.s3.eu-west-1.amazonaws.com/a/b'],
    [
      'the host at a dual-stack endpoint',
      { AWS_USE_DUALSTACK_ENDPOINT: 'true' },
      'bucket.s3.dualstack.eu-west-1.amazonaws.com/a/b',
    ],
    [
      "the host at AWS's own endpoint",
      { AWS_ENDPOINT_URL_S3: 'https://s3.eu-west-1.amazonaws.com' },
      'bucket.s3.eu-west-1.amazonaws.com/a/b',
    ],
    ['the host at a VPC endpoint', { AWS_ENDPOINT_URL_S3: `https://${VPC_ENDPOINT}` }, `bucket.${VPC_ENDPOINT}/a/b`],
  ])('%s', async (_what, variables, expected) => {
    Object.assign(process.env, variables);
    expect(await addressOf(byPath)).toBe(expected);
  });

  test('the path at an endpoint that the settings name', async () => {
    expect(await addressOf(byPath, 'http://localhost:5777')).toBe('localhost/bucket/a/b');
  });
});

test("the SDK's own client would look for a host with the name of the bucket", async () => {
  process.env.AWS_ENDPOINT_URL = 'http://localhost:5777';
  expect(await addressOf((settings) => new S3Client(settings))).toBe('bucket.localhost/a/b');
});
