import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { claimDataDirectory } from '../../../emulator/gateway/data-directory.ts';
import { checkStart } from '../../../local/start/check-start.ts';
import { DATA_FORMAT, writeDataFormat } from '../../../local/start/data-format.ts';
import { parseOptions, type StartOptions } from '../../../local/start/options.ts';
import { openRunRecord } from '../../../local/start/run-record.ts';

let directory: string;
let dataDir: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'greenroom-check-'));
  dataDir = join(directory, 'data');
});
afterEach(() => rmSync(directory, { recursive: true }));

function optionsOf(args: string[]): StartOptions {
  const options = parseOptions(args);
  if (options === 'help') throw new Error('no options');
  return options;
}

async function problemsOf(...args: string[]): Promise<string[]> {
  const checked = await checkStart(resolve('.'), optionsOf(args));
  return checked.kind === 'problems' ? checked.problems : [];
}

test('the sample programme can be sent, and the check leaves nothing behind', async () => {
  const checked = await checkStart(resolve('.'), optionsOf(['--port', '0', '--data', dataDir]));
  expect(checked).toMatchObject({ kind: 'ready', source: { file: resolve('events/samples/programme.ndjson') } });
  expect(readdirSync(directory)).toEqual([]);
});

describe('a file with requests', () => {
  test.each([
    ['that does not exist', undefined, /^Cannot read .*own\.json: .*no such file.* Choose another file with --file$/],
    ['without requests', '\n', /own\.json contains no requests: choose another file with --file$/],
    ['that is not JSON', '[1', /^Cannot read .*own\.json: .* Choose another file with --file$/],
  ])('%s is a problem', async (_what, text, problem) => {
    const file = join(directory, 'own.json');
    if (text !== undefined) writeFileSync(file, text);
    expect(await problemsOf('--file', file)).toEqual([expect.stringMatching(problem)]);
  });

  test('that is a directory is a problem', async () => {
    expect(await problemsOf('--file', directory)).toEqual([expect.stringMatching(/^Cannot read .*directory.*--file$/)]);
  });
});

describe('a data directory', () => {
  test('whose parent is a file is a problem, and so are all other mistakes of the same command', async () => {
    writeFileSync(dataDir, '');
    expect(await problemsOf('--data', join(dataDir, 'below'), '--file', 'none')).toEqual([
      expect.stringMatching(/^Cannot keep data in .*below: a part of the path is a file\. Choose another directory/),
      expect.stringMatching(/^Cannot read /),
    ]);
  });

  // Only Linux has /proc, which reports that the new directory does not exist.
  (process.platform === 'linux' ? test : test.skip)('in a file system without new files is a problem', async () => {
    for (const place of ['/proc/x', '/proc/x/below'])
      expect(await problemsOf('--data', place)).toEqual([
        `Cannot keep data in ${place}: nothing can be created there. Choose another directory with --data`,
      ]);
  });

  test('with other files is a problem', async () => {
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'photo.jpg'), '');
    expect(await problemsOf('--data', dataDir)).toEqual([
      expect.stringMatching(/contains other files: choose a new or/),
    ]);
  });

  test.each([
    ['a later release', JSON.stringify({ format: DATA_FORMAT + 1 }), `in format ${DATA_FORMAT + 1}`],
    ['an unknown program', '?', 'in an unknown format'],
  ])('of %s is a problem', async (_release, written, named) => {
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'format.json'), written);
    expect(await problemsOf('--data', dataDir)).toEqual([
      `${dataDir} contains the data of another version, ${named}; this version reads format ${DATA_FORMAT}. Choose another directory with --data, or remove this one: rm -r ${dataDir}`,
    ]);
  });

  test('of release 0.1.0, which named no format, is a problem', async () => {
    mkdirSync(dataDir);
    openRunRecord('eu-west-1', join(dataDir, 'start.ndjson'), { file: 'own.json', lines: [] }).close();
    expect(await problemsOf('--data', dataDir)).toEqual([
      expect.stringMatching(`another version, in format 1; this version reads format ${DATA_FORMAT}`),
    ]);
  });

  test('of a run is used', async () => {
    mkdirSync(dataDir);
    openRunRecord('eu-west-1', join(dataDir, 'start.ndjson'), { file: 'own.json', lines: [] }).close();
    writeDataFormat(dataDir);
    expect(await problemsOf('--data', dataDir)).toEqual([]);
    expect(await problemsOf('--data', dataDir, '--file', 'other.json')).toEqual([
      expect.stringMatching(
        /belongs to a run of own\.json: choose another directory with --data, or send other\.json with/,
      ),
    ]);
  });

  test('whose run has an entry of another release is a problem', async () => {
    writeDataFormat(dataDir);
    writeFileSync(join(dataDir, 'start.ndjson'), '{"kind":"later"}\n');
    expect(await problemsOf('--data', dataDir)).toEqual([
      expect.stringMatching(/^Cannot continue with .*start\.ndjson:1 cannot be read\)\. Choose another .* rm -r /),
    ]);
  });

  test('that another stack uses is a problem', async () => {
    writeDataFormat(dataDir);
    const claim = claimDataDirectory(dataDir);
    expect(await problemsOf('--data', dataDir)).toEqual([
      expect.stringMatching(/is in use by process \d+: stop it first, or choose another directory with --data$/),
    ]);
    claim.release();
  });
});
