import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import { openManifest } from '../../../lib/bulk/manifest-object.ts';

const MAX_BYTES = 100 * 1_048_576;
const notice = { bucket: 'b', key: 'manifests/rooms.csv', etag: 'e' };

/** S3 that answers with an object and states this length for it. */
function s3Of(headers: Record<string, string>): S3Client {
  const handle = async () => ({
    response: { statusCode: 200, headers, body: Readable.from([Buffer.from('key\na\n')]) },
  });
  return new S3Client({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    requestHandler: { handle } as unknown as NonNullable<S3Client['config']['requestHandler']>,
  });
}
const open = (headers: Record<string, string>) => openManifest(s3Of(headers), notice, new AbortController().signal);

test.each([
  ['of 100 MiB', { 'content-length': String(MAX_BYTES) }],
  ['whose length is not told', {}],
])('a manifest %s is opened, under the name of its file', async (_what, headers) => {
  expect(await open(headers)).toMatchObject({ namespace: 'rooms', allOrNothing: false });
});

test('a longer one is refused', async () => {
  await expect(open({ 'content-length': String(MAX_BYTES + 1) })).rejects.toMatchObject({
    name: 'ManifestError',
    problems: [{ path: '', message: 'is larger than 100 MiB: split it' }],
  });
});

test('its metadata may give it another name, and say that it is to be taken as a whole or not', async () => {
  const headers = { 'x-amz-meta-greenroom-name': 'season\n2026', 'x-amz-meta-greenroom-all-or-nothing': 'yes' };
  expect(await open(headers)).toMatchObject({ namespace: 'season-2026', allOrNothing: true });
});
