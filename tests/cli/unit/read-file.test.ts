import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { connectLocally } from '../../../client/deployment.ts';
import { contextWithoutDeployment, runInProcess } from '../../support/run-in-process.ts';

test('a programme that would fill the memory is refused before it is read completely', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-programme-'));
  const file = join(directory, 'programme.ndjson');
  const opened = openSync(file, 'w');
  const line = `${JSON.stringify({ liveEventId: 'x'.repeat(1_048_576) })}\n`;
  for (let count = 0; count < 101; count++) writeSync(opened, line);
  closeSync(opened);
  const findDeployment = async () => connectLocally({ endpoint: 'http://127.0.0.1:9', region: 'eu-west-1' });
  const { code, err } = await runInProcess(['schedule', file], { ...contextWithoutDeployment(), findDeployment });
  rmSync(directory, { recursive: true });
  expect([code, err]).toEqual([1, `error: ${file} is larger than 100 MiB: split it\n`]);
});
