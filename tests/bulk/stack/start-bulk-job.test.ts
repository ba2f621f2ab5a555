import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readRoster } from '../../../lib/rosters/roster-states.ts';
import { jobsOf, keysOf, manyRows } from '../../support/bulk-jobs.ts';
import { madeRoom, noRoom } from '../../support/completions.ts';
import { sendAll } from '../../support/gateway-clients.ts';
import { must } from '../../support/must.ts';
import { BUCKET, openRosters, type Rosters } from '../../support/rosters.ts';

let stack: Rosters;
let start: ReturnType<typeof jobsOf>['start'];
let stateOf: ReturnType<typeof jobsOf>['stateOf'];
let number = 0;
/** The name of a manifest that no other test uses. */
let name: string;

beforeAll(async () => {
  stack = await openRosters();
  ({ start, stateOf } = jobsOf(stack));
});
afterAll(() => stack.close());
beforeEach(async () => {
  name = `test-${++number}/rooms.csv`;
  await stack.purge();
});

const CSV = [
  'key,name,maximumMessageLength,tag:event,tenant,region',
  'final/main,main,500,final,sports,eu-west-1',
  'final/bad name,bad name,501,final,sports,',
  ',side,,final,,us-east-1',
  '',
  'final/main,main,500,final,sports,eu-west-1',
  'final/main,another,,,,',
  ',side,,final,,us-east-1',
].join('\r\n');

describe('a manifest', () => {
  test('becomes one request per good row, in the message group of its tenant and region, with the job as its roster', async () => {
    const { jobId } = await start(name, CSV);
    const requests = await stack.requests();
    expect(requests).toHaveLength(3);
    const { created_at: createdAtMs } = await stateOf(jobId);
    expect(requests).toContainEqual({
      group: 'sports/eu-west-1',
      request: {
        idempotencyKey: 'final/main',
        room: { name: 'main', maximumMessageLength: 500, tags: { event: 'final' } },
        region: 'eu-west-1',
        tenant: 'sports',
        roster: jobId,
        neededBy: new Date(createdAtMs + 24 * 3_600_000).toISOString(),
      },
    });
    const derived = keysOf(requests).filter((key) => key.startsWith('bulk/'));
    expect(derived.map((key) => key.replace(/[0-9a-f]{64}/, 'HASH'))).toEqual([
      'bulk/rooms/HASH/1',
      'bulk/rooms/HASH/2',
    ]);
    expect(await stateOf(jobId)).toMatchObject({
      kind: 'bulk',
      state: 'sealed',
      members: 3,
      rows: 6,
      invalid_rows: 2,
      repeated_rows: 1,
      bulk: { manifest: `s3://${BUCKET}/manifests/${name}`, name: 'rooms' },
    });
  });

  test('gets all of its rooms although a key contains characters that SQS refuses', async () => {
    const keys = ['before', 'a\ufffeb\uffff', 'after'];
    const { jobId } = await start(name, `key,region\n${keys.map((key) => `${key},eu-west-1`).join('\n')}\n`);
    expect(keysOf(await stack.requests())).toEqual(keys.toSorted());
    await stack.publish(
      jobId,
      keys.map((key) => madeRoom(key)),
    );
    await stack.deliverAll('rosters');
    expect(await stateOf(jobId)).toMatchObject({ state: 'announced', members: 3, provisioned: 3 });
  });

  test('has a report with the rows in their order once every row has its outcome', async () => {
    const { jobId } = await start(name, CSV);
    const [first = '', second = '', third = ''] = keysOf(await stack.requests());
    await stack.publish(jobId, [madeRoom(first), noRoom(second), madeRoom(third)]);
    await stack.deliverAll('rosters');
    const [event, ...others] = await stack.events();
    expect(others).toEqual([]);
    if (event?.type !== 'greenroom.roster.completed.v1' || event.data.kind !== 'bulk') throw new Error('no completion');
    expect(event.data).toMatchObject({
      members: { total: 3, provisioned: 2, existing: 0, failed: 1 },
      rows: { total: 6, invalid: 2, repeated: 1 },
    });
    const csv = (await stack.read(event.data.report.csv)).replaceAll(/[0-9a-f]{64}/g, 'HASH').split('\r\n');
    expect(csv).toEqual([
      'row,key,outcome,reason,arn,id,name,region',
      expect.stringMatching(/^2,final\/main,created,,arn:aws:ivschat:.*,final-main,name-final-main,eu-west-1$/),
      '3,,invalid,"name: may contain only letters a-z and A-Z, digits, ""-"" and ""_""; maximumMessageLength: must be a whole number from 1 to 500, but is ""501""",,,,',
      expect.stringMatching(/^4,bulk\/rooms\/HASH\/1,created,,/),
      expect.stringMatching(/^6,final\/main,created,/),
      '7,,invalid,"key: is also the key of row 2, which requests a different room: change one of the keys",,,,',
      '8,bulk/rooms/HASH/2,failed,refused: The room is not valid,,,side,us-east-1',
      '',
    ]);
    const ndjson = (await stack.read(event.data.report.ndjson))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(ndjson.map(({ row, outcome }) => [row, outcome])).toEqual([
      [2, 'created'],
      [3, 'invalid'],
      [4, 'created'],
      [6, 'created'],
      [7, 'invalid'],
      [8, 'failed'],
    ]);
    expect(await stack.receive('manifests', 10)).toEqual([]);
  });

  test('that has only bad rows completes too', async () => {
    const { jobId } = await start(name, 'name\nbad name\n');
    await stack.deliverAll('rosters');
    expect(await stateOf(jobId)).toMatchObject({ state: 'announced', members: 0, invalid_rows: 1 });
    expect(await stack.requests()).toEqual([]);
  });

  test('may have rows with more problems than a DynamoDB item can hold', async () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`field-${index}`, index]));
    const rows = [{ room: {}, ['x'.repeat(600_000)]: 1 }, { room: many }, { room: {}, key: 'good' }];
    const { jobId } = await start(`test-${number}/a.ndjson`, rows.map((row) => JSON.stringify(row)).join('\n'));
    await stack.publish(jobId, [madeRoom('good')]);
    await stack.deliverAll('rosters');
    expect(await stateOf(jobId)).toMatchObject({ state: 'announced', members: 1, provisioned: 1, invalid_rows: 2 });
    const report = await stack.read(`s3://${BUCKET}/reports/${jobId}.ndjson`);
    expect(report.length).toBeLessThan(20_000);
    expect(report).toContain('and 4990 more');
    await start(`test-${number}/b.json`, JSON.stringify(rows), { 'greenroom-all-or-nothing': 'true' });
    const failed = (await stack.events()).find(({ type }) => type === 'greenroom.roster.failed.v1');
    expect(failed?.data).toMatchObject({ problemsTotal: 5_001 });
    expect(Buffer.byteLength(JSON.stringify(failed))).toBeLessThan(256 * 1024);
  });

  test('becomes the same requests whatever its format is', async () => {
    const room = { name: 'hall', tags: { 'two words': 'ä "quoted"\nline' } };
    const handler = { uri: 'arn:aws:lambda:eu-west-1:123456789012:function:f', fallbackResult: 'DENY' };
    const logs = ['a', 'b'].map((id) => `arn:aws:ivschat:eu-west-1:123456789012:logging-configuration/${id}`);
    const tagless = {
      ...room,
      tags: { 'two words': 'ä' },
      messageReviewHandler: handler,
      loggingConfigurationIdentifiers: logs,
    };
    const rows = [
      { room: tagless, tenant: 'sports' },
      { room: {}, key: 'plain' },
    ];
    const csv = `\ufeffname,key,tenant,tag:two words,messageReviewHandler.uri,messageReviewHandler.fallbackResult,loggingConfigurationIdentifiers\r\nhall,,sports,ä,${handler.uri},DENY,${logs.join(' | ')}\r\n,plain,,,,,\r\n`;
    const manifests = {
      'same.csv': csv,
      'same.ndjson': rows.map((row) => JSON.stringify(row)).join('\r\n'),
      'same.jsonl': `\ufeff${rows.map((row) => JSON.stringify(row)).join('\n\n')}\n`,
      'same.json': JSON.stringify(rows, null, 2),
    };
    const asked: unknown[] = [];
    for (const [fileName, body] of Object.entries(manifests)) {
      await start(`test-${number}/${fileName}`, body);
      const requests = (await stack.requests()).map(({ request: { roster: _, neededBy: __, ...rest } }) => rest);
      asked.push(requests.sort((one, other) => (one.idempotencyKey < other.idempotencyKey ? -1 : 1)));
    }
    expect(asked[0]).toHaveLength(2);
    for (const each of asked) expect(each).toEqual(asked[0]);
  });
});

describe('a manifest with the same content', () => {
  test('is the same job if S3 sends its notice twice: no request is sent again', async () => {
    const { notices, jobId } = await start(name, CSV);
    expect(await stack.requests()).toHaveLength(3);
    expect(await stack.handle('manifests', notices)).toHaveLength(1);
    await start(name, CSV);
    expect(await stack.requests()).toEqual([]);
    expect(await stateOf(jobId)).toMatchObject({ members: 3, state: 'sealed' });
  });

  test('under another object key is a new job with the same idempotency keys, and one edited row has one new key', async () => {
    const one = await start(name, CSV);
    const keys = keysOf(await stack.requests());
    const other = await start(`elsewhere/${name}`, CSV);
    expect(other.jobId).not.toBe(one.jobId);
    expect(keysOf(await stack.requests())).toEqual(keys);
    const edited = await start(name, CSV.replace('side', 'sideways'));
    expect(edited.jobId).not.toBe(one.jobId);
    const after = keysOf(await stack.requests());
    expect(after.filter((key) => !keys.includes(key))).toHaveLength(1);
    expect(after).toHaveLength(3);
  });

  test('in another order of rows has the same keys', async () => {
    const [header = '', ...rows] = CSV.split('\r\n');
    await start(name, [header, ...rows].join('\n'));
    const keys = keysOf(await stack.requests());
    await start(name, [header, ...rows.toReversed()].join('\n'));
    const derived = (all: string[]) => all.filter((key) => key.startsWith('bulk/'));
    expect(derived(keysOf(await stack.requests()))).toEqual(derived(keys));
  });

  test('under its own name has its own keys', async () => {
    await start(name, CSV, { 'greenroom-name': 'season-2026' });
    expect(keysOf(await stack.requests())).toContainEqual(expect.stringMatching(/^bulk\/season-2026\//));
    await start(name, `${CSV}\n`, { 'greenroom-name': 'x'.repeat(300) });
    expect(keysOf(await stack.requests())).toContainEqual(expect.stringMatching(/^bulk\/x{128}\//));
  });

  test('that two readers receive at the same time is read by one of them, and the other waits', async () => {
    const { notices, jobId } = await stack.putManifest(name, CSV);
    const done = await Promise.all([1, 2].map(() => stack.handle('manifests', notices)));
    expect(done.map((each) => each.length).sort()).toEqual([0, 1]);
    expect(await stack.requests()).toHaveLength(3);
    expect(await stack.handle('manifests', notices)).toHaveLength(1);
    expect(await stateOf(jobId)).toMatchObject({ members: 3 });
    expect(await stack.requests()).toEqual([]);
  });
});

describe('a manifest that cannot be accepted is announced, and no request is sent for it', () => {
  const long = ['key', ...Array.from({ length: 50_001 }, (_, index) => `k${index}`)].join('\n');
  const good = 'key\n1\n2\n';

  test.each<[string, string, string | Uint8Array, string, RegExp]>([
    ['an unknown column', 'a.csv', 'key,nmae\n1,2\n', 'column "nmae"', /did you mean "name"/],
    ['a column twice', 'a.csv', 'key,key\n1,2\n', 'column "key"', /twice/],
    ['a quote that is never closed', 'a.csv', `${good}"3`, 'row 4', /CSV.*[Qq]uote/],
    ['no rows', 'a.csv', 'key,name\n\n,\n', '', /no rows/],
    ['nothing', 'a.csv', '', '', /no rows/],
    ['too many rows', 'a.csv', long, '', /more than 50000 rows/],
    ['another encoding', 'a.csv', Buffer.from('key\nZürich\n', 'latin1'), '', /not UTF-8/],
    ['an unknown format', 'a.xlsx', good, '', /use one of \.csv/],
    ['an array that ends in the middle', 'a.json', '[{"room":{}},', '', /middle of its array/],
    ['no JSON', 'a.json', 'rooms', '', /must be a JSON array/],
  ])('%s', async (_what, file, body, path, message) => {
    const { jobId } = await start(`test-${number}/${file}`, body);
    const [event, ...others] = await stack.events();
    expect(others).toEqual([]);
    expect(event).toMatchObject({ type: 'greenroom.roster.failed.v1', subject: jobId, data: { kind: 'bulk' } });
    expect(event?.data).toMatchObject({
      problems: [{ path, message: expect.stringMatching(message) }],
      problemsTotal: 1,
    });
    expect(await stack.requests()).toEqual([]);
    expect((await stateOf(jobId)).state).toBe('refused');
  });

  test('if it is all or nothing and has a bad row; without bad rows it is accepted', async () => {
    const metadata = { 'greenroom-all-or-nothing': 'true' };
    const { jobId, notices } = await start(name, CSV, metadata);
    const [event] = await stack.events();
    expect(event?.data).toMatchObject({ problemsTotal: 3 });
    expect(event?.data).toMatchObject({
      problems: expect.arrayContaining([{ path: 'row 3: name', message: expect.any(String) }]),
    });
    expect((await stateOf(jobId)).state).toBe('refused');
    expect(await stack.handle('manifests', notices)).toHaveLength(1);
    expect(await stack.events()).toEqual([]);
    expect(await stack.requests()).toEqual([]);
    await start(name, 'key\n1\n2\n', metadata);
    expect(await stack.requests()).toHaveLength(2);
  });

  test('if it was replaced before it was read; its replacement is a separate job', async () => {
    const replaced = await stack.putManifest(name, good);
    const { notices } = await stack.putManifest(name, 'key\n3\n');
    expect(await stack.handle('manifests', replaced.notices)).toHaveLength(1);
    const [event] = await stack.events();
    expect(event).toMatchObject({
      subject: replaced.jobId,
      data: { problems: [{ message: expect.stringMatching(/replaced/) }] },
    });
    await stack.handle('manifests', notices);
    expect(keysOf(await stack.requests())).toEqual(['3']);
  });

  test('if it was deleted', async () => {
    const { notices, jobId } = await stack.putManifest(name, good);
    await stack.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: `manifests/${name}` }));
    expect(await stack.handle('manifests', notices)).toHaveLength(1);
    expect((await stateOf(jobId)).state).toBe('refused');
  });
});

describe('a reader', () => {
  test('sends only the refused messages of a batch again', async () => {
    const { notices } = await stack.putManifest(name, manyRows(10));
    stack.proxy.refuseHalfABatch();
    expect(await stack.handle('manifests', notices)).toHaveLength(1);
    expect(stack.proxy.calls.filter((operation) => operation === 'SendMessageBatch')).toHaveLength(2);
    expect(new Set(keysOf(await stack.requests())).size).toBe(10);
  });

  test.each([/^GetItem/, /^GET /, /^TransactWriteItems/, /^SendMessageBatch/, /^Query/, /^SendMessage$/])(
    'that fails at %s releases its manifest, so that the next reader need not wait for the end of the lease',
    async (operation) => {
      const { notices, jobId } = await stack.putManifest(name, manyRows(3));
      stack.proxy.failOnce(operation);
      expect(await stack.handle('manifests', notices)).toEqual([]);
      expect(await stack.handle('manifests', notices)).toHaveLength(1);
      expect(await stateOf(jobId)).toMatchObject({ state: 'sealed', members: 3 });
    },
  );

  test('that crashes while it refuses a manifest announces the refusal again under the same id', async () => {
    stack.proxy.crashAt();
    await start(name, 'nmae\n1');
    const untouched = [...stack.proxy.calls];
    const [expected] = await stack.events();
    for (const [call] of untouched.entries()) {
      const { notices, jobId } = await stack.putManifest(`${call}/${name}`, 'nmae\n1');
      stack.proxy.crashAt(call + 1, 'after');
      await stack.handle('manifests', notices).catch(() => []);
      stack.proxy.crashAt();
      await stack.endLease(jobId);
      expect(await stack.handle('manifests', notices)).toHaveLength(1);
      const events = await stack.events();
      expect(new Set(events.map(({ id }) => id)).size).toBe(1);
      expect(events[0]?.type).toBe(expected?.type);
      expect((await stateOf(jobId)).state).toBe('refused');
    }
  }, 60_000);
});

describe('the same content, uploaded again under the same object key,', () => {
  const BAD = 'name,region\nmeta-1,eu-west-1\nbad name,eu-west-1\n';
  const GOOD = 'name,region\nseason-1,eu-west-1\n';
  const whole = { 'greenroom-all-or-nothing': 'true' };
  const season = (year: number) => ({ 'greenroom-name': `season-${year}` });

  test('is accepted if it was refused because of all or nothing, and bad rows are allowed now', async () => {
    const first = await start(name, BAD, whole);
    expect(await stateOf(first.jobId)).toMatchObject({ state: 'refused' });
    const { jobId } = await start(name, BAD);
    expect(jobId).toBe(first.jobId);
    expect(await stack.requests()).toHaveLength(1);
    expect(await stateOf(jobId)).toMatchObject({ state: 'sealed', members: 1, invalid_rows: 1 });
    expect(must(await readRoster(stack.table, jobId))).not.toHaveProperty('problems');
    expect(await stack.events()).toHaveLength(1);
    // A late copy of the first notice has no effect, because that upload is settled.
    expect(await stack.handle('manifests', first.notices)).toHaveLength(1);
    expect(await stack.requests()).toEqual([]);
    expect(await stateOf(jobId)).toMatchObject({ state: 'sealed' });
  });

  test('is accepted if the first object was deleted before it was read', async () => {
    const gone = await stack.putManifest(name, GOOD);
    await stack.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: `manifests/${name}` }));
    expect(await stack.handle('manifests', gone.notices)).toHaveLength(1);
    await start(name, GOOD, season(2026));
    const { jobId } = gone;
    expect(await stateOf(jobId)).toMatchObject({ state: 'sealed', members: 1, bulk: { name: 'season-2026' } });
    expect(keysOf(await stack.requests())).toEqual([expect.stringMatching(/^bulk\/season-2026\//)]);
  });

  test('is announced as another event if it is refused again; copies of its notices announce nothing', async () => {
    const { jobId, notices } = await start(name, BAD, whole);
    const again = await start(name, BAD, whole);
    const events = await stack.events();
    expect(events.map(({ subject }) => subject)).toEqual([jobId, jobId]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(2);
    for (const copies of [again.notices, notices]) expect(await stack.handle('manifests', copies)).toHaveLength(1);
    expect(await stack.events()).toEqual([]);
    expect(await stack.requests()).toEqual([]);
    expect(await stateOf(jobId)).toMatchObject({ state: 'refused', problems_total: 1 });
  });

  test('under another name is another job with its own keys', async () => {
    const first = await start(name, GOOD, season(2026));
    const [former = ''] = keysOf(await stack.requests());
    const second = await start(name, GOOD, season(2027));
    const asked = await stack.requests();
    const [current = ''] = keysOf(asked);
    expect([former, current]).toEqual([
      expect.stringMatching(/^bulk\/season-2026\//),
      expect.stringMatching(/^bulk\/season-2027\//),
    ]);
    const otherId = must(asked[0]?.request.roster);
    expect(otherId).not.toBe(first.jobId);
    expect(await stateOf(first.jobId)).toMatchObject({ state: 'sealed', bulk: { name: 'season-2026' } });
    expect(await stateOf(otherId)).toMatchObject({ state: 'sealed', members: 1, bulk: { name: 'season-2027' } });
    for (const copies of [first.notices, second.notices])
      expect(await stack.handle('manifests', copies)).toHaveLength(1);
    expect(await stack.requests()).toEqual([]);
    await start(name, GOOD, season(2026));
    expect(await stack.requests()).toEqual([]);
  });

  test('under another name leaves neither job unfinished if it arrives while the first is being read', async () => {
    const rows = `name,region\n${Array.from({ length: 130 }, (_, row) => `r${row},eu-west-1`).join('\n')}`;
    const first = await stack.putManifest(name, rows, season(2026));
    stack.proxy.failOnce(/^SendMessageBatch/);
    expect(await stack.handle('manifests', first.notices)).toEqual([]);
    const second = await stack.putManifest(name, rows, season(2027));
    await stack.requests();
    for (const { notices } of [second, first]) expect(await stack.handle('manifests', notices)).toHaveLength(1);
    const requests = await stack.requests();
    const rosters = new Set(requests.map(({ request }) => must(request.roster)));
    expect(rosters.size).toBe(2);
    for (const id of rosters) expect(await stateOf(id)).toMatchObject({ state: 'sealed', members: 130 });
    expect(keysOf(requests).filter((key) => key.startsWith('bulk/season-2027/'))).toHaveLength(130);
  });

  test('under another name ends both jobs if the first object was deleted after its members were written and before the checkpoint', async () => {
    const rows = 'name,region\nr1,eu-west-1\nr2,eu-west-1\n';
    const first = await stack.putManifest(name, rows, season(2026));
    stack.proxy.failOnce(/^SendMessageBatch/);
    expect(await stack.handle('manifests', first.notices)).toEqual([]);
    await stack.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: `manifests/${name}` }));
    expect(await stack.handle('manifests', first.notices)).toHaveLength(1);
    const [refusal] = await stack.events();
    expect(refusal?.data).toMatchObject({
      problems: [{ message: expect.stringMatching(/^has already requested up to 2 rooms/) }, expect.anything()],
    });
    await start(name, rows, season(2027));
    const requests = await stack.requests();
    const rosters = Map.groupBy(requests, ({ request }) => must(request.roster));
    expect(rosters.size).toBe(2);
    for (const [id, asked] of rosters)
      await stack.publish(
        id,
        keysOf(asked).map((key) => madeRoom(key)),
      );
    await stack.deliverAll('rosters');
    for (const id of rosters.keys())
      expect(await stateOf(id)).toMatchObject({ state: 'announced', members: 2, provisioned: 2 });
    expect(await stateOf(first.jobId)).toMatchObject({ bulk: { name: 'season-2026' } });
  });

  test('under another name is one job if a late copy of the refused notice arrives before its own notice', async () => {
    const first = await start(name, BAD, { ...whole, ...season(2026) });
    const second = await stack.putManifest(name, BAD, season(2027));
    for (const { notices } of [first, second]) expect(await stack.handle('manifests', notices)).toHaveLength(1);
    expect((await stack.requests()).map(({ request }) => request.roster)).toEqual([first.jobId]);
    expect(await stateOf(first.jobId)).toMatchObject({ state: 'sealed', bulk: { name: 'season-2027' } });
  });
});

describe('a job that begins again after retention has deleted its roster', () => {
  test('sends its rows again although its checkpoint is kept longer', async () => {
    const { jobId } = await start(name, CSV);
    const keys = keysOf(await stack.requests());
    await stack.forget(jobId, ({ sk }) => sk?.S !== 'reader');
    await start(name, CSV);
    expect(keysOf(await stack.requests())).toEqual(keys);
    expect(await stateOf(jobId)).toMatchObject({ state: 'sealed', members: 3, rows: 6 });
  });

  test('is refused with another event id, which is the same for each attempt', async () => {
    stack.proxy.crashAt();
    const { jobId } = await start(name, 'nmae\n1');
    const announcing = stack.proxy.calls.indexOf('Publish') + 1;
    const [first] = await stack.events();
    await stack.forget(jobId);
    const { notices } = await stack.putManifest(name, 'nmae\n1');
    stack.proxy.crashAt(announcing, 'after');
    expect(await stack.handle('manifests', notices).catch(() => [])).toEqual([]);
    stack.proxy.crashAt();
    await stack.endLease(jobId);
    expect(await stack.handle('manifests', notices)).toHaveLength(1);
    const ids = (await stack.events()).map(({ id }) => id);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
    expect(ids).not.toContain(must(first).id);
  });

  test('completes with another event id, which is the same for each attempt', async () => {
    const { jobId } = await start(name, 'key\nfinal/main\n');
    await stack.publish(jobId, [madeRoom('final/main')]);
    stack.proxy.crashAt();
    await stack.deliverAll('rosters');
    const announcing = stack.proxy.calls.indexOf('Publish') + 1;
    const [first] = await stack.events();
    await stack.forget(jobId);
    await start(name, 'key\nfinal/main\n');
    await stack.publish(jobId, [madeRoom('final/main')]);
    const messages = await stack.receive('rosters', 10);
    stack.proxy.crashAt(announcing, 'after');
    await stack.handle('rosters', messages).catch(() => []);
    expect(stack.proxy.crashed).toBe(true);
    stack.proxy.crashAt();
    await stack.handle('rosters', messages);
    const ids = (await stack.events()).map(({ id }) => id);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
    expect(ids).not.toContain(must(first).id);
  });
});

describe('a notice', () => {
  /** Uploads a manifest, and sends its reader this message instead of S3's own notice. */
  async function tell(toBody: (s3: { body: string; key: string; etag: string }) => unknown) {
    const { notices, jobId } = await stack.putManifest(name, 'key\n1\n');
    const body = must(notices[0]?.Body);
    const { key, eTag: etag } = JSON.parse(body).Records[0].s3.object;
    return { jobId, done: await handleBodies(JSON.stringify(toBody({ body, key: decodeURIComponent(key), etag }))) };
  }

  async function handleBodies(...bodies: string[]) {
    await stack.remove('manifests', await stack.receive('manifests', 10));
    await sendAll(
      stack.sqs,
      stack.urlOf('manifests'),
      bodies.map((body) => ({ body })),
    );
    const messages = await stack.receive('manifests', 10);
    expect(messages).toHaveLength(bodies.length);
    const done = await stack.handle('manifests', messages);
    await stack.remove('manifests', messages);
    return done.map(({ Body }) => must(Body));
  }

  const parked = async () => (await stack.receive('parked', 10)).map(({ Body }) => must(Body));

  // "Message: The Message value specified when the notification was published to the topic"
  // https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
  const bySns = (message: string) => ({
    Type: 'Notification',
    MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
    TopicArn: 'arn:aws:sns:eu-west-1:123456789012:uploads',
    Subject: 'Amazon S3 Notification',
    Message: message,
    Timestamp: '2026-11-26T12:00:00.000Z',
  });

  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
  const byEventBridge = (key: string, etag: string, type = 'Object Created') => ({
    version: '0',
    id: '17793124-05d4-b198-2fde-7ededc63b103',
    'detail-type': type,
    source: 'aws.s3',
    account: '123456789012',
    time: '2026-11-26T12:00:00Z',
    region: 'eu-west-1',
    resources: [`arn:aws:s3:::${BUCKET}`],
    detail: {
      version: '0',
      bucket: { name: BUCKET },
      object: { key, size: 8, etag, sequencer: '0055AED6' },
      reason: 'PutObject',
    },
  });

  test('that SNS, EventBridge or both have wrapped begins the job like a notice from S3', async () => {
    name = `test ${number} & more/rooms +1.csv`;
    for (const wrap of [
      ({ body }: { body: string }) => bySns(body),
      ({ key, etag }: { key: string; etag: string }) => byEventBridge(key, etag),
      ({ key, etag }: { key: string; etag: string }) => bySns(JSON.stringify(byEventBridge(key, etag))),
    ]) {
      name = `${name}.csv`;
      const { jobId, done } = await tell((s3) => wrap({ ...s3, key: `manifests/${name}` }));
      expect(done).toHaveLength(1);
      expect(await stateOf(jobId)).toMatchObject({ state: 'sealed', members: 1 });
      expect(await stack.requests()).toHaveLength(1);
    }
    expect(await parked()).toEqual([]);
  });

  test('for a folder, an object elsewhere or a deletion, and S3’s test event, begin no job', async () => {
    // "Amazon S3 creates a zero-byte object with the folder name"
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-folders.html
    const folder = { bucket: { name: BUCKET }, object: { key: 'manifests/2026/', size: 0, eTag: 'd41d8cd98f00b204' } };
    const testEvent = { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: BUCKET };
    const bodies = [
      { Records: [{ eventName: 'ObjectCreated:Put', s3: folder }] },
      byEventBridge('reports/x.csv', 'e'),
      byEventBridge('manifests/x.csv', 'e', 'Object Deleted'),
      testEvent,
      bySns(JSON.stringify(testEvent)),
    ].map((body) => JSON.stringify(body));
    expect((await handleBodies(...bodies)).sort()).toEqual(bodies.sort());
    expect(await stack.events()).toEqual([]);
    expect(await parked()).toEqual([]);
  });

  // "notifications from events that create objects (PUTs) and delete objects contain a sequencer"; those of deletions have no size and no ETag.
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
  test('for another event of S3 does not stop a manifest that the same message announces', async () => {
    const object = { key: 'manifests/x.csv', sequencer: '0055AED6DCD90281E5' };
    const others = ['ObjectRemoved:Delete', 'LifecycleExpiration:DeleteMarkerCreated', 'ObjectTagging:Put'].map(
      (eventName) => ({
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        eventName,
        s3: { bucket: { name: BUCKET }, object },
      }),
    );
    const { jobId, done } = await tell(({ body }) => ({ Records: [...others, ...JSON.parse(body).Records] }));
    expect(done).toHaveLength(1);
    expect(await stateOf(jobId)).toMatchObject({ state: 'sealed', members: 1 });
    expect(await handleBodies(JSON.stringify({ Records: others }))).toHaveLength(1);
    expect(await parked()).toEqual([]);
  });

  test('that cannot be read is parked for a person immediately, instead of being tried for days', async () => {
    await stack.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'reports/x.csv', Body: 'x' }));
    const { detail: _, ...hollow } = byEventBridge('manifests/x.csv', 'e');
    const bodies = ['what?', '{"Records":[{}]}', JSON.stringify(hollow), JSON.stringify(bySns('hello'))];
    expect((await handleBodies(...bodies)).sort()).toEqual([...bodies].sort());
    expect((await parked()).sort()).toEqual([...bodies].sort());
  });
});
