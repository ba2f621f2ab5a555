import { readFileSync } from 'node:fs';
import { GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { shortJobId } from '../../../lib/contract/short-job-id.ts';
import { pause, setCeiling } from '../../../lib/pace/operator-settings.ts';
import { createPaceTable } from '../../../lib/pace/pace-table.ts';
import { stopJob } from '../../../lib/pace/stopped-jobs.ts';
import { openTables } from '../../../lib/platform/tables.ts';
import { stopRoster } from '../../../lib/rosters/roster-states.ts';
import { openScene } from '../../live-events/scene.ts';
import { cancelled, scheduled } from '../../live-events/story.ts';
import { openBulkDesk } from '../../support/bulk-desk.ts';
import { madeRoom } from '../../support/completions.ts';
import { type Bench, createBench } from '../../support/memory-bench.ts';
import { must } from '../../support/must.ts';

const HOUR_MS = 3_600_000;
const LEASE_MS = 91_000;
const REQUEST = { idempotencyKey: 'key', room: { name: 'hall' } };

/** The schemas of release 0.1.0 by the kind of item. The release ignores unknown attributes. */
const schemas: Record<string, object> = JSON.parse(
  readFileSync(new URL('../../fixtures/release-0.1.0/item-schemas.json', import.meta.url), 'utf8'),
);
const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } });
const readers = new Map<string, ValidateFunction>(
  Object.entries(schemas).map(([kind, schema]) => [kind, ajv.compile(schema)]),
);

/** The problems that release 0.1.0 has with an item. */
function problemsOf(kind: string, item: unknown): string[] {
  const reader = must(readers.get(kind));
  return reader(item)
    ? []
    : (reader.errors ?? []).map(({ instancePath, message }) => `${kind}${instancePath} ${message}`);
}

const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

const deliver = (bench: Bench, body: object = REQUEST) => bench.handle(bench.record(body));
const refuse = (bench: Bench, error: string, status = 400) =>
  bench.ivsChat.inject({ operation: 'CreateRoom', fault: { error, status } });

const LEDGER: [string, (bench: Bench) => Promise<unknown>][] = [
  ['leased, with an intent', (bench) => bench.crash(bench.record(REQUEST), 'CreateRoom')],
  [
    'released after a lost response, and waiting',
    async (bench) => {
      bench.ivsChat.inject({ operation: 'CreateRoom', fault: { unsent: true } });
      await deliver(bench);
    },
  ],
  [
    'with the proof that its intent created no room',
    async (bench) => {
      bench.ivsChat.inject({ operation: 'CreateRoom', fault: { unsent: true } });
      await deliver(bench);
      bench.pass(HOUR_MS);
      refuse(bench, 'ServiceQuotaExceededException', 402);
      await deliver(bench);
    },
  ],
  [
    'denied',
    async (bench) => {
      refuse(bench, 'AccessDeniedException', 403);
      await deliver(bench);
    },
  ],
  ['decided, and not published', (bench) => bench.crash(bench.record(REQUEST), 'Publish')],
  ['with its room', (bench) => deliver(bench)],
  [
    'failed',
    async (bench) => {
      refuse(bench, 'ValidationException');
      await deliver(bench);
    },
  ],
  [
    'claimed again after a failure',
    async (bench) => {
      refuse(bench, 'ValidationException');
      await deliver(bench);
      bench.pass(LEASE_MS);
      await deliver(bench);
    },
  ],
];

describe('release 0.1.0 can read the items of this release, so that a rollback loses no key:', () => {
  test.each(LEDGER)('a ledger item %s', async (_state, reach) => {
    const bench = createBench({ listingLagMs: 60_000 });
    await reach(bench);
    const item = bench.stored('key');
    expect(item).toHaveProperty('claim_id');
    expect(problemsOf('ledger', item)).toEqual([]);
    if (typeof item.completion === 'string') expect(problemsOf('completion', JSON.parse(item.completion))).toEqual([]);
  });

  test('the pace of a region that is throttled, denied, closed, paused and limited', async () => {
    const bench = createBench();
    const table = createPaceTable(openTables(bench.services.clients.dynamodb, bench.clock), bench.config.paceTable);
    refuse(bench, 'ThrottlingException', 429);
    await deliver(bench, { ...REQUEST, idempotencyKey: 'throttled' });
    refuse(bench, 'AccessDeniedException', 403);
    await deliver(bench, { ...REQUEST, idempotencyKey: 'denied', tenant: 'sports' });
    await table.update('eu-west-1', 'CreateRoom', pause(['bulk']));
    await table.update('eu-west-1', 'CreateRoom', setCeiling('interactive', 2, bench.clock.nowMs()));
    bench.pass(HOUR_MS);
    refuse(bench, 'ServiceQuotaExceededException', 402);
    await deliver(bench, { ...REQUEST, idempotencyKey: 'closed' });
    const Key = { id: { S: 'eu-west-1#CreateRoom' } };
    const { Item = {} } = await bench.services.clients.dynamodb.send(new GetItemCommand({ TableName: 'pace', Key }));
    const pace = unmarshall(Item);
    expect(pace).toMatchObject({ open_until: expect.any(Number), bulk_paused_until: expect.any(Number) });
    expect(problemsOf('pace', pace)).toEqual([]);
  });

  /** The kind of each item of the roster table. Release 0.1.0 reads no other kind. */
  const KINDS: [RegExp, string][] = [
    [/^meta$/, 'roster-meta'],
    [/^member#/, 'roster-member'],
    [/^row#/, 'roster-row'],
    [/^event$/, 'live-event'],
  ];

  async function problemsOfRosters(clients: Parameters<typeof scan>[0]) {
    const items = await scan(clients);
    const kinds = items.map(({ sk }) => KINDS.find(([matches]) => matches.test(String(sk)))?.[1]);
    const problems = items.flatMap((item, index) => (kinds[index] === undefined ? [] : problemsOf(kinds[index], item)));
    return { kinds: new Set(kinds), problems };
  }

  test('a bulk job that is under way', async () => {
    const desk = await openBulkDesk();
    closings.push(() => desk.close());
    const { record, jobId } = desk.put('a.csv', 'key,region\na,eu-west-1\nb,nowhere\na,eu-west-1\nc,us-east-1\n');
    await desk.tell([record]);
    await desk.answer(jobId, [madeRoom('a')]);
    const { kinds, problems } = await problemsOfRosters(desk.clients);
    expect([...kinds]).toEqual(expect.arrayContaining(['roster-meta', 'roster-member', 'roster-row']));
    expect(problems).toEqual([]);
  });

  test('a stopped bulk job, except for the outcomes of its rows: docs/deployment.md names this difference', async () => {
    const desk = await openBulkDesk({ outstandingRows: 1 });
    closings.push(() => desk.close());
    const { record, jobId } = desk.put('a.csv', 'key\na\nb\n');
    await desk.tell([record]);
    await stopRoster(desk.table, jobId, desk.nowMs());
    await desk.tracking.pace.update('eu-west-1', 'CreateRoom', stopJob(must(shortJobId(jobId))));
    const [pace = {}] = await scan(desk.clients, 'pace');
    expect(pace).toHaveProperty('stopped_jobs');
    expect([...problemsOf('pace', pace), ...(await problemsOfRosters(desk.clients)).problems]).toEqual([]);
    await desk.tell([record]);
    expect(new Set((await problemsOfRosters(desk.clients)).problems)).toEqual(
      new Set(['roster-member/reason must be equal to one of the allowed values']),
    );
  });

  test('live events that are pending, opened and cancelled', async () => {
    const scene = await openScene();
    closings.push(() => scene.world.close());
    const rooms = [{ key: 'a', room: {} }];
    await scene.send(0, scheduled(1, { rooms, metadata: { fixture: 7 } }));
    expect(await scene.storedItem()).toMatchObject({ metadata: '{"fixture":7}' });
    expect((await problemsOfRosters(scene.world.clients)).problems).toEqual([]);
    await scene.runUntil(95);
    expect(await scene.storedItem()).toMatchObject({ live_state: 'opened' });
    expect((await problemsOfRosters(scene.world.clients)).problems).toEqual([]);
    await scene.send(96, cancelled(2));
    const { kinds, problems } = await problemsOfRosters(scene.world.clients);
    expect([...kinds]).toEqual(expect.arrayContaining(['live-event', 'roster-meta', 'roster-member']));
    expect(problems).toEqual([]);
  });

  test('control: an item that it cannot read is found', async () => {
    const bench = createBench();
    await deliver(bench);
    expect(problemsOf('ledger', { ...bench.stored('key'), schema_version: 2 })).not.toEqual([]);
    expect(problemsOf('ledger', { ...bench.stored('key'), decision: 'released' })).not.toEqual([]);
  });
});

async function scan(
  { dynamodb }: { dynamodb: { send(command: ScanCommand): Promise<{ Items?: object[] }> } },
  TableName = 'rosters',
) {
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName }));
  return Items.map((item): Record<string, unknown> => unmarshall(item as never));
}
