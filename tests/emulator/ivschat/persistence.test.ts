import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { IvsChatOptions } from '../../../emulator/ivschat/ivs-chat.ts';
import { emulator, send, UNLIMITED } from './emulator.ts';

let directory = '';
let dataFile = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ivschat-'));
  dataFile = join(directory, 'ivschat.jsonl');
});

afterEach(() => rmSync(directory, { recursive: true }));

const open = (options: Partial<IvsChatOptions> = {}) => emulator({ dataFile, quotas: UNLIMITED, ...options });

function create(emulated: ReturnType<typeof emulator>, name: string) {
  return send(emulated, { path: '/CreateRoom', body: { name, tags: { name } } });
}

/** Everything that clients can see of one region. */
async function visible(emulated: ReturnType<typeof emulator>) {
  const listings = ['/ListRooms', '/ListLoggingConfigurations'].map((path) => send(emulated, { path }));
  const bodies = (await Promise.all(listings)).map((each) => (each === 'lost' ? each : each.json));
  return { bodies, rooms: emulated.ivsChat.admin.rooms() };
}

async function fill(emulated: ReturnType<typeof emulator>) {
  await send(emulated, {
    path: '/CreateLoggingConfiguration',
    body: { name: 'logs', destinationConfiguration: { s3: { bucketName: 'chat-logs' } } },
  });
  for (const name of ['first', 'second', 'third']) await create(emulated, name);
  const [first, second] = emulated.ivsChat.admin.rooms();
  emulated.clock.nowMs += 1;
  await send(emulated, { path: '/DeleteRoom', body: { identifier: first?.arn } });
  await send(emulated, { path: '/UpdateRoom', body: { identifier: second?.arn, name: 'changed' } });
  await send(emulated, { path: `/tags/${encodeURIComponent(second?.arn ?? '')}`, body: { tags: { added: 'é' } } });
}

test('all state is restored at every start, even if the process ended without closing the file', async () => {
  const before = open();
  await fill(before);
  const expected = await visible(before);
  expect(expected.rooms.map(({ name }) => name).toSorted()).toEqual(['changed', 'third']);
  expect(await visible(open())).toEqual(expected);
  expect(await visible(open())).toEqual(expected);
});

test('after a restart, a listing shows a change after the same lag', async () => {
  const options = { listingLagMs: 10_000, random: () => 0.5 };
  const before = open(options);
  await create(before, 'late');
  const after = open(options);
  after.clock.nowMs = before.clock.nowMs + 4_999;
  expect((await visible(after)).bodies[0]).toEqual({ rooms: [] });
  after.clock.nowMs += 1;
  expect((await visible(after)).bodies[0]).toMatchObject({ rooms: [{ name: 'late' }] });
});

test('after a restart, an accepted deletion takes effect at the same time, and a new room is found at the same time', async () => {
  const options = { newRoomLagMs: 10_000, random: () => 0.5 };
  const before = open(options);
  await create(before, 'new');
  await create(before, 'deleted');
  const [room, deleted] = before.ivsChat.admin.rooms();
  before.clock.nowMs += 5_000;
  before.ivsChat.admin.inject({ operation: 'DeleteRoom', fault: { effectAfterMs: 60_000 } });
  await send(before, { path: '/DeleteRoom', body: { identifier: deleted?.arn } });

  const after = open(options);
  const namesAt = (ms: number) => {
    after.clock.nowMs = before.clock.nowMs + ms;
    return after.ivsChat.admin.rooms().map(({ name }) => name);
  };
  const status = async () => send(after, { path: '/GetRoom', body: { identifier: room?.arn } });
  expect(namesAt(-1)).toHaveLength(2);
  expect(await status()).toMatchObject({ status: 404 });
  expect(namesAt(0)).toHaveLength(2);
  expect(await status()).toMatchObject({ status: 200 });
  expect(namesAt(59_999)).toHaveLength(2);
  expect(namesAt(60_000)).toEqual(['new']);
});

test('versions that can no longer appear in a listing are not kept', async () => {
  const emulated = open({ listingLagMs: 1_000 });
  await create(emulated, 'often');
  const [room] = emulated.ivsChat.admin.rooms();
  const lineLengths: number[] = [];
  for (let update = 100; update < 200; update += 1) {
    emulated.clock.nowMs += 1_001;
    await send(emulated, { path: '/UpdateRoom', body: { identifier: room?.arn, name: `name-${update}` } });
    lineLengths.push(readFileSync(dataFile, 'utf8').split('\n').at(-2)?.length ?? 0);
  }
  expect(Math.max(...lineLengths)).toBeLessThan(2 * Math.min(...lineLengths));
});

test('a room that is created after a restart with the same random numbers does not replace an old one', async () => {
  await create(open({ random: () => 0.3 }), 'old');
  const after = open({ random: () => 0.3 });
  await create(after, 'new');
  expect(after.ivsChat.admin.rooms().map(({ name }) => name)).toEqual(['old', 'new']);
});

test('a last write that was cut off at any byte is ignored, and later writes are kept', async () => {
  const before = open();
  await create(before, 'whole');
  const whole = readFileSync(dataFile, 'utf8');
  await create(before, 'torn');
  const torn = readFileSync(dataFile).subarray(Buffer.byteLength(whole));
  expect(torn.length).toBeGreaterThan(100);
  for (let bytes = 0; bytes < torn.length; bytes += 7) {
    writeFileSync(dataFile, whole);
    appendFileSync(dataFile, torn.subarray(0, bytes));
    const after = open({ random: () => 0.9 });
    expect(after.ivsChat.admin.rooms().map(({ name }) => name)).toEqual(['whole']);
    await create(after, 'next');
    expect(
      open()
        .ivsChat.admin.rooms()
        .map(({ name }) => name),
    ).toEqual(['whole', 'next']);
  }
});

test('any other unreadable line is an error that names the line', async () => {
  const before = open();
  await create(before, 'a');
  writeFileSync(dataFile, `nonsense\n${readFileSync(dataFile, 'utf8')}`);
  expect(() => open()).toThrow(`${dataFile}:1 is not JSON`);
  writeFileSync(dataFile, '{"kind":"room"}\n');
  expect(() => open()).toThrow('region');
});

test('a reset empties the file too', async () => {
  const before = open();
  await create(before, 'a');
  before.ivsChat.admin.reset();
  await create(before, 'b');
  expect(
    open()
      .ivsChat.admin.rooms()
      .map(({ name }) => name),
  ).toEqual(['b']);
});

/** Creates rooms endlessly, and prints the ARN of each room when its call is answered. */
const WRITER = `
  import { createIvsChat } from ${JSON.stringify(join(process.cwd(), 'emulator/ivschat/ivs-chat.ts'))};
  import { rawRequest } from ${JSON.stringify(join(process.cwd(), 'tests/emulator/ivschat/emulator.ts'))};
  const ivsChat = createIvsChat({ now: Date.now, random: Math.random, signatureLifetimeMs: 60_000, listingLagMs: 0,
    quotas: { burst: 1_000_000, roomsPerRegion: 1_000_000 }, dataFile: process.argv.at(-1) });
  for (;;) {
    const { body } = await ivsChat.handle(rawRequest(Date.now(), { path: '/CreateRoom', body: {} }));
    process.stdout.write(JSON.parse(body).arn + '\\n');
    await new Promise(setImmediate);
  }
`;

test('no room whose call was answered is lost when the process is killed', async () => {
  for (const enough of [1, 50, 400]) {
    const writer = spawn(process.execPath, [
      '--no-warnings',
      '--input-type=module-typescript',
      '--eval',
      WRITER,
      dataFile,
    ]);
    const closed = new Promise((resolve) => writer.once('close', resolve));
    let answered = '';
    for await (const chunk of writer.stdout) {
      answered += chunk;
      if (answered.split('\n').length > enough) writer.kill('SIGKILL');
    }
    await closed;
    const arns = answered.split('\n').slice(0, -1);
    expect(arns.length).toBeGreaterThanOrEqual(enough);
    const kept = new Set(
      open()
        .ivsChat.admin.rooms()
        .map(({ arn }) => arn),
    );
    expect(arns.filter((arn) => !kept.has(arn))).toEqual([]);
  }
});
