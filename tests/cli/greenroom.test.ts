import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ListQueuesCommand, ListQueueTagsCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectLocally, type Deployment } from '../../lib/client/deployment.ts';
import { completionSchema } from '../../lib/contract/completion.ts';
import { type RunningChild, startChild } from '../support/run-child.ts';

const PROGRAM = resolve('dist/cli/greenroom.js');

let cwd: string;
let deployment: Deployment;

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'greenroom-cli-'));
});

afterAll(async () => {
  deployment.close();
  rmSync(cwd, { recursive: true });
});

function greenroom(args: string[], options: { input?: string; cwd?: string } = {}): RunningChild {
  return startChild([PROGRAM, ...args], { cwd, ...options });
}

function file(name: string, lines: unknown[]): string {
  writeFileSync(
    join(cwd, name),
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  );
  return name;
}

async function temporaryQueues(): Promise<string[]> {
  const { QueueUrls = [] } = await deployment.sqs.send(
    new ListQueuesCommand({ QueueNamePrefix: 'greenroom-local-watch-' }),
  );
  return QueueUrls;
}
