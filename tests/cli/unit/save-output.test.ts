import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { saveChunks } from '../../../cli/save-output.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'greenroom-save-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const { signal } = new AbortController();

test('a file that another process creates meanwhile is kept', async () => {
  const file = join(directory, 'taken.ndjson');
  async function* chunks() {
    yield 'ours';
    writeFileSync(file, 'theirs');
  }
  await expect(saveChunks(file, chunks(), signal)).rejects.toThrow('taken.ndjson already exists');
  expect([readFileSync(file, 'utf8'), readdirSync(directory)]).toEqual(['theirs', ['taken.ndjson']]);
});

test('otherwise the file is complete, and nothing else is left', async () => {
  async function* chunks() {
    yield* ['one\n', 'two\n'];
  }
  await saveChunks(join(directory, 'new.ndjson'), chunks(), signal);
  expect(readFileSync(join(directory, 'new.ndjson'), 'utf8')).toBe('one\ntwo\n');
  expect(readdirSync(directory).filter((name) => name.includes('partial'))).toEqual([]);
});
