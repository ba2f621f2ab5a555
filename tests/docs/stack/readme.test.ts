import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { codeBlocks } from '../../support/markdown-recipes.ts';

const readme = readFileSync('README.md', 'utf8');
let clone: string;
const running: Running[] = [];

/** The files of the repository as a clone would have them. The installed packages are those of this working tree. */
beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'greenroom-readme-'));
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  for (const file of files.split('\0').filter(Boolean)) cpSync(file, join(clone, file), { force: true });
  symlinkSync(resolve('node_modules'), join(clone, 'node_modules'));
  // The program of a reader is in a directory in which the package is installed.
  mkdirSync(join(clone, 'reader', 'node_modules'), { recursive: true });
  symlinkSync(resolve(), join(clone, 'reader', 'node_modules', 'greenroom'));
  const program = codeBlocks('README.md').find(({ language }) => language === 'ts')?.text ?? '';
  writeFileSync(join(clone, 'reader', 'program.ts'), program.replace("stage: 'prod'", "stage: 'local'"));
});
afterAll(async () => {
  for (const each of running) each.interrupt();
  await Promise.all(running.map(({ ended }) => ended));
  rmSync(clone, { recursive: true, force: true });
});

interface Running {
  child: ChildProcess;
  output: string;
  ended: Promise<number | null>;
  printed(pattern: RegExp): Promise<void>;
  interrupt(): void;
}

/** Runs a command line as a reader would, in its own process group, so that Ctrl-C reaches all of its processes. */
function run(command: string): Running {
  const child = spawn('bash', ['-c', `${command} 2>&1`], {
    cwd: clone,
    detached: true,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const ended = once(child, 'close').then(([code]): number | null => code);
  const self: Running = {
    child,
    output: '',
    ended,
    async printed(pattern) {
      while (!pattern.test(self.output)) {
        const end = await Promise.race([once(child.stdout, 'data'), ended.then(() => 'ended')]);
        if (end === 'ended' && !pattern.test(self.output)) throw new Error(`${command} ended with:\n${self.output}`);
      }
    },
    interrupt() {
      const isRunning = child.exitCode === null && child.signalCode === null;
      if (isRunning && child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
    },
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    self.output += text;
  });
  running.push(self);
  return self;
}

function commandsUnder(heading: string): string[] {
  const section = readme.split(/^## /m).find((each) => each.startsWith(heading)) ?? '';
  const blocks = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) => block);
  return blocks.flatMap((block) => block.trim().split('\n'));
}

test('the commands of the README work in their order, and end with Ctrl-C', async () => {
  const [install, start, watch, send, ...more] = commandsUnder('Try it');
  expect([install, more]).toEqual(['npm ci', []]);

  const stack = run(start ?? '');
  await stack.printed(/Every request has its expected outcome\..*npx greenroom send/s);
  const watching = run(watch ?? '');
  await watching.printed(/^Watching the completions/m);
  const sent = run(send ?? '');
  expect(await sent.ended).toBe(0);
  await watching.printed(/final-2026\/main-chat/);
  await stack.printed(/final-2026\/main-chat/);

  // The rest of the README, on the same stack: no example may use the key of another one for a different room.
  const program = run('node reader/program.ts');
  expect({ code: await program.ended, output: program.output }).toMatchObject({ code: 0 });
  expect(program.output).toMatch(/^arn:aws:ivschat:eu-west-1:\d+:room\/\w+\n$/);
  await watching.printed(/final-2026\/fan-chat/);
  const [bulk = '', ...liveEvent] = commandsUnder('Use it');
  const planned = run(`${bulk} --dry-run`);
  await planned.ended;
  expect(planned.output).toMatch(/^ {2}create 490 rooms/m);
  expect(planned.output).not.toContain('already used');
  expect(liveEvent).toHaveLength(3);
  for (const command of liveEvent) {
    const ran = run(command);
    expect({ command, code: await ran.ended, output: ran.output }).toMatchObject({ command, code: 0 });
  }
  expect(watching.output).not.toContain('key-reused-with-different-payload');

  watching.interrupt();
  stack.interrupt();
  // Shells and npm have different exit codes after Ctrl-C. It matters only that everything ends and is cleaned up.
  await Promise.all([watching.ended, stack.ended]);
  expect(existsSync(join(clone, '.greenroom', 'stack.json'))).toBe(false);
  expect(stack.output).not.toMatch(/error/i);
}, 300_000);

test('one command leads from a clone to a chat token for a room of the sample programme', async () => {
  const [command = ''] = readme.match(/npm run token/) ?? [];
  const token = run(command);
  expect({ code: await token.ended, output: token.output }).toMatchObject({ code: 0 });
  expect(token.output).toContain('No local stack is running here');
  expect(token.output).toMatch(/^POST \/rooms\/matchday%2Ffinal-2026%2Fmain\/token {2}201$/m);
  expect(token.output).toContain("capabilities: [ 'SEND_MESSAGE' ]");
  expect(existsSync(join(clone, '.greenroom', 'stack.json'))).toBe(false);
}, 120_000);

test("the README's example of a request is valid", async () => {
  const { roomRequestSchema } = await import('../../../lib/contract/room-request.ts');
  const [, example = ''] = readme.match(/```json\n(.*?)```/s) ?? [];
  expect(roomRequestSchema.safeParse(JSON.parse(example)).error).toBeUndefined();
});
