import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openManifest } from '../../../lib/bulk/manifest-object.ts';

const MAX_BYTES = 100 * 1_048_576;
const notice = { bucket: 'b', key: 'manifests/rooms.csv', etag: 'e' };

/**
 * An S3 server whose response stops in the middle. The SDK compares the content with this checksum, and finds no content if the request is
 * aborted.
 */
const stalled = createServer((_request, response) => {
  response.writeHead(200, { 'content-length': '9', 'x-amz-checksum-crc32': 'XPxmbg==' }).write('key\n');
});
beforeAll(() => new Promise<void>((resolve) => stalled.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  stalled.closeAllConnections();
  stalled.close();
});

/** A client of an S3 that returns an object with these headers, such as its stated length. */
function s3Of(headers: Record<string, string>, body = Readable.from([Buffer.from('key\na\n')])): S3Client {
  const handle = async () => ({ response: { statusCode: 200, headers, body } });
  return new S3Client({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    requestHandler: { handle } as unknown as NonNullable<S3Client['config']['requestHandler']>,
  });
}
const open = (headers: Record<string, string>) => openManifest(s3Of(headers), notice, new AbortController().signal);

test.each([
  ['of 100 MiB', { 'content-length': String(MAX_BYTES) }],
  ['whose length is not stated', {}],
])('a manifest %s is opened, under the name of its file', async (_what, headers) => {
  expect(await open(headers)).toMatchObject({ namespace: 'rooms', allOrNothing: false });
});

test('a longer manifest is refused, and its connection is released', async () => {
  const body = Readable.from([Buffer.from('key')]);
  const s3 = s3Of({ 'content-length': String(MAX_BYTES + 1) }, body);
  await expect(openManifest(s3, notice, new AbortController().signal)).rejects.toMatchObject({
    name: 'ManifestError',
    problems: [{ path: '', message: 'is larger than 100 MiB: split it' }],
  });
  expect(body.destroyed).toBe(true);
});

test('an invocation that ends before it reads the content does not end the process', async () => {
  const s3 = new S3Client({
    region: 'eu-west-1',
    endpoint: `http://127.0.0.1:${(stalled.address() as AddressInfo).port}`,
    forcePathStyle: true,
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
  });
  const invocation = new AbortController();
  const { body } = await openManifest(s3, notice, invocation.signal);
  invocation.abort();
  await new Promise((resolve) => body.once('close', resolve));
  expect(body.errored).not.toBeNull();
});

test('the metadata of a manifest may give it another name and set all or nothing', async () => {
  const headers = { 'x-amz-meta-greenroom-name': 'season\n2026', 'x-amz-meta-greenroom-all-or-nothing': 'yes' };
  expect(await open(headers)).toMatchObject({ namespace: 'season-2026', allOrNothing: true });
});
