import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Stack, startStack } from '../../../local/stack.ts';
import { packageProgram } from '../../../local/start/package-program.ts';
import { copyOfPackage, withVariables } from '../../policies/paths/world.ts';
import { installPackage, linkPackage } from '../../support/installed-package.ts';
import { startChild } from '../../support/run-child.ts';

let copy: ReturnType<typeof copyOfPackage>;
let stack: Stack;
let folder: string;
let files: string[];

beforeAll(async () => {
  copy = copyOfPackage((_id, resource) =>
    withVariables(resource, { GREENROOM_RELEASES: 'true', GREENROOM_RELEASE_GRACE_SECONDS: '0' }),
  );
  folder = mkdtempSync(join(tmpdir(), 'greenroom-client-'));
  files = installPackage(folder);
  linkPackage(folder, '@types/node');
  stack = await startStack({ templateFile: copy.templateFile, seed: 1, calm: true, isolation: 'thread' });
}, 120_000);
afterAll(async () => {
  await stack.stop();
  copy.remove();
  rmSync(folder, { recursive: true });
});

/** Runs a program in the folder. The variables are those of `greenroom env`, without a file that names the stack. */
async function run(file: string, source: string, env: Record<string, string> = {}) {
  writeFileSync(join(folder, file), source);
  const access = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
  const child = startChild([file], { cwd: folder, env: { ...stack.endpointVariables, ...access, ...env } });
  const code = await child.ended;
  return { code, out: child.stdout, err: child.stderr };
}

/** Checks a program against the declarations, as strictly as possible: also the declarations themselves. */
function check(file: string, source: string): string {
  writeFileSync(join(folder, file), source);
  const compiler = packageProgram(resolve(), 'typescript', 'tsc');
  const flags = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--skipLibCheck', 'false'];
  const target = ['--module', 'nodenext', '--target', 'es2022', '--types', 'node', '--noEmit'];
  const { stdout } = spawnSync(process.execPath, [compiler, ...flags, ...target, file], {
    cwd: folder,
    encoding: 'utf8',
  });
  return stdout;
}

const PROGRAM = `
import { createGreenroom, type KeyState, parseCompletions, type RequestResult } from 'greenroom';
import { type RoomRequest, roomRequestSchema } from 'greenroom/contract';

const releaseAt = new Date(Date.now() + 86_400_000).toISOString();
const request: RoomRequest = roomRequestSchema.parse({ idempotencyKey: 'shop/1', room: { name: 'hall' } });
await using greenroom = createGreenroom({ stage: 'local', tenant: 'shop' });

function show(key: string, state: KeyState | { kind: 'timeout' }): void {
  console.log(key, state.kind, state.kind === 'provisioned' ? [state.room.name, state.region, state.tenant].join(' ') : '');
}

const results: RequestResult[] = await greenroom.requestRooms([
  { ...request, tenant: 'shop' },
  { idempotencyKey: 'shop/2', room: {}, releaseAt },
  { idempotencyKey: 'shop/3', room: { name: 'no spaces' } },
]);
for (const result of results) console.log(result.kind, result.kind === 'invalid' ? result.problems[0]?.path : result.idempotencyKey);
for (const key of ['shop/1', 'shop/2']) show(key, await greenroom.waitFor(key, { timeoutSeconds: 30 }));
const second = await greenroom.roomFor('shop/2');
if (second.kind === 'provisioned') console.log('cacheable until then:', second.cacheableUntil === releaseAt);
show('shop/3', await greenroom.waitFor('shop/3', { timeoutSeconds: 0 }));

const imported = await greenroom.importRooms({ name: 'rooms.csv', content: 'key,name,tenant\\nshop/4,stage,shop\\n' });
console.log(imported.kind, imported.kind === 'uploaded' ? imported.members : imported.problems);
show('shop/4', await greenroom.waitFor('shop/4', { timeoutSeconds: 30 }));

const startsAt = new Date(Date.now() + 20 * 60_000).toISOString();
const event = { liveEventId: 'gala', revision: 1, startsAt, rooms: [{ key: 'main', room: {} }] };
console.log((await greenroom.schedule(event)).kind);
show('live/gala/main', await greenroom.waitFor('live/gala/main', { timeoutSeconds: 30 }));
console.log(await greenroom.cancel('gala'), await greenroom.cancel('none'));

console.log((await greenroom.release('shop/1', { releaseAt: 'now' })).kind);
for (;;) {
  const state = await greenroom.roomFor('shop/1');
  if (state.kind === 'provisioned') continue;
  show('shop/1', state);
  break;
}
console.log(parseCompletions({ Records: [{ body: '{}' }] }).map(({ kind }) => kind).join());
`;

describe('a program that has installed the package', () => {
  test('is checked against the declarations without a complaint', () => {
    expect(check('program.ts', PROGRAM)).toBe('');
  }, 60_000);

  test('is told about mistakes: an unknown field, a release without a time, a room without a check, a private module', () => {
    const mistakes = [
      "await greenroom.requestRoom({ idempotencyKey: 'a', rooms: {} });",
      "await greenroom.release('a', {});",
      "(await greenroom.roomFor('a')).room;",
      "await import('greenroom/dist/client/index.js');",
    ];
    const lines = [
      "import { createGreenroom } from 'greenroom';",
      "const greenroom = createGreenroom({ stage: 'prod' });",
    ];
    const complaints = check('mistakes.ts', [...lines, ...mistakes, ''].join('\n'));
    const found = [...complaints.matchAll(/mistakes\.ts\((\d+),\d+\): error TS/g)].map(([, line]) => Number(line));
    expect([...new Set(found)]).toEqual([3, 4, 5, 6]);
  }, 60_000);

  test('requests, awaits, imports, schedules, cancels and releases rooms', async () => {
    const { code, out, err } = await run('program.ts', PROGRAM);
    expect([err, out.split('\n')]).toEqual([
      '',
      [
        'sent shop/1',
        'sent shop/2',
        'invalid room.name',
        'shop/1 provisioned hall eu-west-1 shop',
        expect.stringMatching(/^shop\/2 provisioned greenroom-[0-9a-f]+ eu-west-1 shop$/),
        'cacheable until then: true',
        'shop/3 timeout ',
        'uploaded 1',
        'shop/4 provisioned stage eu-west-1 shop',
        'sent',
        expect.stringMatching(/^live\/gala\/main provisioned greenroom-[0-9a-f]+ eu-west-1 shop$/),
        "{ kind: 'sent', liveEventId: 'gala', revision: 2 } { kind: 'unknown-event', liveEventId: 'none' }",
        'sent',
        'shop/1 releasing ',
        'unreadable',
        '',
      ],
    ]);
    expect(code).toBe(0);
  }, 120_000);

  test('finds the stack of its directory without any variables', async () => {
    mkdirSync(join(folder, '.greenroom'), { recursive: true });
    const { endpoint, outputs } = stack;
    const running = { endpoint, outputs, region: 'eu-west-1', pid: process.pid };
    writeFileSync(join(folder, '.greenroom/stack.json'), JSON.stringify(running));
    const source = `
      import { createGreenroom } from 'greenroom';
      await using greenroom = createGreenroom({ stage: 'local' });
      console.log((await greenroom.roomFor('unknown')).kind);`;
    writeFileSync(join(folder, 'local.mjs'), source);
    const env = { AWS_REGION: '', AWS_ENDPOINT_URL: '', AWS_CONFIG_FILE: join(folder, 'none') };
    const child = startChild(['local.mjs'], { cwd: folder, env });
    expect([await child.ended, child.stdout, child.stderr]).toEqual([0, 'not-requested\n', '']);
  }, 60_000);

  test('connects to nothing and reads no file of its own when it imports the package and creates a client', async () => {
    const source = `
      import fs from 'node:fs';
      import net from 'node:net';
      import { syncBuiltinESMExports } from 'node:module';
      const used = [];
      for (const [owner, name] of [...['readFile', 'readFileSync', 'open', 'openSync'].map((each) => [fs, each]), [net.Socket.prototype, 'connect']]) {
        const original = owner[name];
        owner[name] = function (...args) {
          const file = typeof args[0] === 'string' || args[0] instanceof URL ? String(args[0]) : '';
          if (!/[.](js|cjs|mjs|json)$/.test(file)) used.push(name + ' ' + file);
          return original.apply(this, args);
        };
      }
      syncBuiltinESMExports();
      const { createGreenroom } = await import('greenroom');
      const greenroom = createGreenroom({ stage: 'prod' });
      await new Promise(setImmediate);
      console.log(JSON.stringify(used));
      await greenroom.roomFor('key').catch(() => undefined);
      console.log(used.some((each) => each.startsWith('connect')));
      await greenroom.close();
      console.log(await greenroom.roomFor('key').catch(({ message }) => message));`;
    const { out } = await run('idle.mjs', source, { AWS_MAX_ATTEMPTS: '1' });
    expect(out).toBe('[]\ntrue\nThis client of greenroom is closed\n');
  }, 60_000);

  test('that only reads completions does not load the SDK', async () => {
    const source = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ resolve: (name, context, next) => { loaded.push(name); return next(name, context); } });
      const { parseCompletion } = await import('greenroom/completions');
      console.log(parseCompletion('no event').kind, loaded.some((name) => name.startsWith('@aws-sdk')));
      await import('greenroom');
      console.log(loaded.some((name) => name.startsWith('@aws-sdk')));`;
    expect(await run('completions.mjs', source)).toMatchObject({ out: 'unreadable false\ntrue\n' });
  }, 60_000);
});

describe('the packed files', () => {
  test('contain what the exports name, the schemas and the AsyncAPI document, and no sources', () => {
    const { exports, bin, types } = JSON.parse(readFileSync('package.json', 'utf8'));
    const named = [
      types,
      ...Object.values(bin),
      ...Object.values(exports).flatMap((each) => (typeof each === 'string' ? [] : Object.values(Object(each)))),
    ];
    const paths = named.map((path) => String(path).replace('./', ''));
    expect(paths.length).toBeGreaterThan(6);
    expect(paths.filter((path) => !files.includes(path))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['events/asyncapi.json', 'events/schemas/room-request.schema.json']));
    expect(files.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))).toEqual([]);
  });

  test('need every package that the package declares', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    const code = files.filter((path) => /^dist\/.*\.(js|d\.ts)$/.test(path)).map((path) => readFileSync(path, 'utf8'));
    const isImported = (name: string) =>
      code.some((text) => new RegExp(`(from ?|import ?\\(|require\\()["']${name}["'/]`).test(text));
    expect(Object.keys(dependencies).filter((name) => !isImported(name))).toEqual([]);
    // Control: the functions are bundled, so what only they need is not imported.
    expect(isImported('@middy/core')).toBe(false);
  });

  test('can be imported as files', async () => {
    const source = `
      import schema from 'greenroom/events/schemas/room-request.schema.json' with { type: 'json' };
      import asyncapi from 'greenroom/events/asyncapi.json' with { type: 'json' };
      console.log(schema.title, asyncapi.asyncapi.length > 0);`;
    expect(await run('files.mjs', source)).toMatchObject({ code: 0, out: 'Room request true\n' });
  });
});
