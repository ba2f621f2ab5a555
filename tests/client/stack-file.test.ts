import { chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findNearestStack, STACK_FILE } from '../../client/stack-file.ts';

let server: Server;
let root: string;
let endpoint: string;

beforeAll(async () => {
  server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  endpoint = `http://127.0.0.1:${address.port}`;
  root = realpathSync(mkdtempSync(join(tmpdir(), 'greenroom-stacks-')));
});

afterAll(() => {
  server.close();
  rmSync(root, { recursive: true });
});

/** A directory below `root` with the file of a stack. */
function directoryWithStack(name: string, at = endpoint): string {
  const directory = join(root, name);
  mkdirSync(join(directory, '.greenroom'), { recursive: true });
  const stack = { endpoint: at, region: 'eu-west-1', pid: process.pid, outputs: {} };
  writeFileSync(join(directory, STACK_FILE), JSON.stringify(stack));
  return directory;
}

function emptyDirectory(parent: string, name: string): string {
  const directory = join(parent, name);
  mkdirSync(directory, { recursive: true });
  return directory;
}

describe('the nearest stack', () => {
  test('is that of the directory', async () => {
    const here = directoryWithStack('here');
    expect(await findNearestStack(here, root)).toMatchObject({ directory: here, stack: { endpoint } });
  });

  test('is that of a parent if the directory has none', async () => {
    const parent = directoryWithStack('parent');
    const below = emptyDirectory(parent, 'a/b/c');
    expect(await findNearestStack(below, root)).toMatchObject({ directory: parent });
  });

  test('is that of a parent if the stack of the directory has ended', async () => {
    const parent = directoryWithStack('running');
    const ended = directoryWithStack('running/ended', 'http://127.0.0.1:1');
    expect(await findNearestStack(ended, root)).toMatchObject({ directory: parent });
  });

  test('is not above the home directory', async () => {
    const parent = directoryWithStack('users');
    const home = emptyDirectory(parent, 'me');
    const work = emptyDirectory(home, 'work');
    expect(await findNearestStack(work, home)).toBeUndefined();
    // Control: without this limit, the stack is found.
    expect(await findNearestStack(work, parent)).toMatchObject({ directory: parent });
  });

  test('does not exist in an empty directory up to the root', async () => {
    expect(await findNearestStack(emptyDirectory(root, 'empty'), '/nobody')).toBeUndefined();
  });
});

const isRoot = process.getuid?.() === 0;
(isRoot ? test : test.skip)('the file of another user in a parent directory is ignored', async () => {
  const parent = directoryWithStack('shared');
  const below = emptyDirectory(parent, 'mine');
  expect(await findNearestStack(below, root)).toMatchObject({ directory: parent });
  chownSync(join(parent, STACK_FILE), 12_345, 12_345);
  expect(await findNearestStack(below, root)).toBeUndefined();
});
