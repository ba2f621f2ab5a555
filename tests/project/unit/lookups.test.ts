import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { createIvsChat } from '../../../emulator/ivschat/ivs-chat.ts';
import { ManifestError } from '../../../lib/bulk/manifest-error.ts';
import { readManifest } from '../../../lib/bulk/read-manifest.ts';
import { classifyFailure } from '../../../lib/platform/classify-failure.ts';

/** Names that every object inherits. */
const HOSTILE = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'];

describe('a lookup by a string from outside finds only entries that the code has put there', () => {
  test('no lookup table is an object with string keys: such tables are Maps', () => {
    const files = globSync('{lib,functions,client,cli,console,emulator,local}/**/*.{ts,tsx}');
    expect(files.length).toBeGreaterThan(200);
    const tables = files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/^(?:export )?const (\w+): (?:Readonly<)?Record<string,/gm)].map(
        ([, name]) => `${file}: ${name}`,
      ),
    );
    expect(tables).toEqual([]);
  });

  test.each(HOSTILE)('an AWS error with the name %s is classified by its status', (name) => {
    const thrown = {
      name,
      message: '',
      $metadata: { httpStatusCode: 409 },
      $response: { headers: { 'x-amzn-errortype': name } },
    };
    expect(classifyFailure(thrown, true).kind).toBe('conflict');
  });

  test.each(HOSTILE)('a manifest with the name rooms.%s is refused because of its extension', async (name) => {
    const rows = readManifest(once(Buffer.from('')), `rooms.${name}`, 'eu-west-1');
    const refusal: unknown = await rows.next().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ManifestError);
    expect((refusal as ManifestError).problems[0]?.message).toContain('use one of .csv, .ndjson, .jsonl, .json');
  });

  test.each(HOSTILE)('the column %s of a CSV is unknown', async (name) => {
    const rows = readManifest(once(Buffer.from(`key,${name}\na,b\n`)), 'rooms.csv', 'eu-west-1');
    const refusal: unknown = await rows.next().catch((error: unknown) => error);
    expect((refusal as ManifestError).problems[0]?.message).toContain('is not a known column');
  });

  test.each(HOSTILE)('an injected error with the name %s, which the model does not declare, needs a status', (name) => {
    const { admin } = createIvsChat({
      now: Date.now,
      random: Math.random,
      signatureLifetimeMs: 1_000,
      listingLagMs: 0,
    });
    expect(() => admin.inject({ operation: 'CreateRoom', fault: { error: name } })).toThrow('status');
  });
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
