import { createServer, type Server, type ServerResponse } from 'node:http';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { rowsWithoutRoom } from '../../client/bulk-report.ts';
import { connectLocally } from '../../client/deployment.ts';
import { linesOf } from '../../client/lines.ts';

let server: Server;
let response: ServerResponse;
let s3: S3Client;

/** A bucket whose objects stop to arrive in the middle of a row. */
beforeEach(async () => {
  server = createServer((_request, given) => {
    response = given;
    given.writeHead(200, { 'content-length': 1_000 });
    given.write('{"row":2,"key":"a","outcome":"failed"}\n{"row":3,');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  s3 = new S3Client({ region: 'eu-west-1', endpoint: `http://127.0.0.1:${port}`, credentials });
});
afterEach(() => {
  s3.destroy();
  server.closeAllConnections();
  server.close();
});

function rowsOf(signal: AbortSignal) {
  const deployment = connectLocally({ endpoint: 'http://127.0.0.1:9', region: 'eu-west-1' });
  return rowsWithoutRoom({ ...deployment, s3, manifestBucket: async () => 'bucket' }, 'job', signal);
}

test('an interruption ends the reading of a report that no longer arrives', async () => {
  const interruption = new AbortController();
  const rows = rowsOf(interruption.signal);
  expect(await rows.next()).toMatchObject({ value: { row: 2 } });
  const next = rows.next();
  interruption.abort();
  await expect(next).rejects.toThrow('aborted');
});

test('a lost connection is an error of the reader, and not the end of the report', async () => {
  const rows = rowsOf(new AbortController().signal);
  expect(await rows.next()).toMatchObject({ value: { row: 2 } });
  const next = rows.next();
  response.destroy();
  await expect(next).rejects.toThrow('aborted');
});

test.each([
  [['a\nb\n'], ['a', 'b']],
  [
    ['a', 'b\n', '\nc'],
    ['ab', '', 'c'],
  ],
  [['a\u2028b\u2029\r\n'], ['a\u2028b\u2029\r']],
  [[], []],
])('the lines of %j are %j', async (texts, lines) => {
  async function* pieces() {
    yield* texts;
  }
  const found: string[] = [];
  for await (const line of linesOf(pieces())) found.push(line);
  expect(found).toEqual(lines);
});
