import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { uploadManifest } from '../../../client/upload-manifest.ts';
import { type BulkCli, createBulkCli, stageOf } from '../../support/bulk-cli.ts';
import { type BulkDesk, openBulkDesk } from '../../support/bulk-desk.ts';
import { createCommandBench } from '../../support/command-bench.ts';

let desk: BulkDesk;
let cli: BulkCli;
let directory: string;

beforeEach(async () => {
  desk = await openBulkDesk();
  cli = createBulkCli(desk);
  directory = mkdtempSync(join(tmpdir(), 'greenroom-upload-'));
});
afterEach(async () => {
  await desk.close();
  rmSync(directory, { recursive: true });
});

function file(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}

const uploads = () => [...desk.s3.objects.keys()].filter((key) => key.startsWith('manifests/'));

describe('Ctrl-C', () => {
  test('before the upload says that there is no job', async () => {
    const interrupted = await cli.run(['bulk', file('a.csv', 'key\na\n')], { interruptAfter: 0 });
    expect(interrupted).toEqual({
      code: 130,
      stdout: '',
      stderr: 'Interrupted: nothing was uploaded, so there is no job\n',
    });
    expect(uploads()).toEqual([]);
  });

  test('during the upload says how to find out whether there is a job', async () => {
    const run = cli.interruptible(['bulk', file('a.csv', 'key\na\n')]);
    desk.on(/s3 PUT manifests/, () => {
      run.interrupt();
      throw Object.assign(new Error('Request aborted'), { name: 'AbortError' });
    });
    const { code, stderr } = await run.ended;
    expect(stderr).toMatch(/^Interrupted: the upload may have begun a job; see greenroom jobs$/m);
    expect(code).toBe(130);
  });
});

describe('an upload whose connection fails', () => {
  const content = Buffer.from('key\na\n');
  const settings = { allOrNothing: false, now: new Date(0), signal: new AbortController().signal };

  /** A client of S3 with the SDK's own retries. The first calls fail after the body was sent. */
  function flakyS3(failures: number) {
    const bodies: string[] = [];
    const s3 = new S3Client({
      region: 'eu-west-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      requestChecksumCalculation: 'WHEN_REQUIRED',
      requestHandler: {
        async handle({ body }: { body: Uint8Array }) {
          bodies.push(Buffer.from(body).toString());
          if (bodies.length <= failures) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
          return { response: { statusCode: 200, headers: { etag: '"tag"' }, body: Buffer.from('') } };
        },
      } as object,
    });
    return { bodies, s3 };
  }

  test('is repeated with the whole content', async () => {
    const { bodies, s3 } = flakyS3(2);
    await uploadManifest({ ...stageOf(desk), s3 }, { fileName: 'a.csv', content }, settings);
    expect(bodies).toEqual(Array(3).fill('key\na\n'));
  });

  test('and does not recover says how to find out whether there is a job', async () => {
    const { s3 } = flakyS3(Number.POSITIVE_INFINITY);
    await expect(uploadManifest({ ...stageOf(desk), s3 }, { fileName: 'a.csv', content }, settings)).rejects.toThrow(
      /cannot be reached \(ECONNRESET\).*The file may have been uploaded: see greenroom jobs\./,
    );
  });
});

describe('--dry-run', () => {
  const BODY = 'key,name\na,hall\nb,two words\n';

  test('with --all-or-nothing and an invalid row says that nothing would be uploaded', async () => {
    const args = ['bulk', file('a.csv', BODY), '--dry-run', '--all-or-nothing'];
    const { code, out } = await createCommandBench().run(...args);
    expect([code, out]).toEqual([1, 'Nothing would be uploaded, because of --all-or-nothing: fix the rows above.\n']);
    const json = await createCommandBench().run(...args, '--json');
    expect([json.code, JSON.parse(json.out)]).toEqual([1, expect.objectContaining({ invalid: 1, toMake: {} })]);
    const without = await createCommandBench().run(...args.slice(0, 3), '--json');
    expect(JSON.parse(without.out)).toMatchObject({ invalid: 1, toMake: { 'eu-west-1': 1 } });
  });

  test('with --json prints no lines for people', async () => {
    const { out } = await createCommandBench().run('bulk', file('a.csv', BODY), '--dry-run', '--json');
    expect(Object.keys(JSON.parse(out))).toEqual(
      'rows members invalid repeated problems problemsTotal toMake existing reused reusedRows seconds'.split(' '),
    );
  });
});

describe('a file for another command', () => {
  const request = { idempotencyKey: 'k', room: {} };
  const cloudEvent = { specversion: '1.0', id: '1', source: 's', type: 'greenroom.room.requested.v1', data: request };
  const liveEvent = { liveEventId: 'final', revision: 1, startsAt: '2026-12-18T20:00:00Z', rooms: [] };

  test.each<[string, string, string, string]>([
    ['a single request', JSON.stringify(request), 'a room request', 'send'],
    ['a CloudEvent over several lines', JSON.stringify(cloudEvent, null, 2), 'a room request', 'send'],
    ['a list of requests', JSON.stringify([request, request]), 'a room request', 'send'],
    [
      'lines with EventBridge events',
      `${JSON.stringify({ 'detail-type': 'Room Requested', detail: request })}\n`,
      'a room request',
      'send',
    ],
    ['a live event', JSON.stringify(liveEvent), 'a live event', 'schedule'],
  ])('such as %s is answered with one line that names the command', async (_what, text, what, command) => {
    const name = file('a.json', text);
    const { code, stderr } = await cli.run(['bulk', name]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `error: ${name} contains ${what}: use greenroom ${command} ${name}\n`,
    });
    expect(uploads()).toEqual([]);
  });

  test('is not assumed if only a later row is one', async () => {
    const name = file('a.ndjson', `{"key":"a","room":{}}\n${JSON.stringify(request)}\n`);
    expect((await cli.run(['bulk', name])).stderr).toMatch(/row 2: .*is a room request: use greenroom send/);
    expect(uploads()).toHaveLength(1);
  });
});

test('a number that is refused is quoted, and a problem that many rows have is shown three times', async () => {
  const rows = Array.from({ length: 30 }, (_, index) => `k${index},"${index},5"`);
  const { stderr } = await cli.run(['bulk', file('a.csv', ['key,maximumMessageLength', ...rows].join('\n'))]);
  expect(stderr).toMatch(/row 2: maximumMessageLength: must be a whole number from 1 to 500, but is "0,5"\n/);
  expect(stderr.match(/row \d+:/g)).toHaveLength(3);
  expect(stderr).toContain('… and 27 more rows with the same problem');
});

test('of many unknown columns, the first twenty are shown', async () => {
  const header = Array.from({ length: 30 }, (_, index) => `colour${index}`).join(',');
  const { stderr } = await cli.run(['bulk', file('a.csv', `${header}\nx\n`)]);
  expect(stderr.match(/is not a known column/g)).toHaveLength(20);
  expect(stderr).toMatch(/ {2}and 10 more\nerror: .*a\.csv cannot be accepted/);
});

test('a file that is too large is refused before it is read completely', async () => {
  const name = file('large.csv', 'key\n');
  truncateSync(name, 101 * 1_048_576);
  expect((await cli.run(['bulk', name])).stderr).toMatch(
    /large\.csv is larger than 100 MiB: split it; nothing was uploaded/,
  );
});
