import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../../..');

describe('generate-schemas --check', () => {
  function generate(...flags: string[]) {
    return spawnSync(process.execPath, [join(ROOT, 'scripts/generate-schemas.ts'), ...flags], { encoding: 'utf8' });
  }

  test('passes if the schemas match the contract', () => {
    const { status, stderr } = generate('--check');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('names a schema that differs from the contract', () => {
    const directory = mkdtempSync(join(tmpdir(), 'greenroom-schemas-'));
    try {
      expect(generate('--directory', directory).status).toBe(0);
      appendFileSync(join(directory, 'room-failed.schema.json'), ' ');
      const { status, stderr } = generate('--check', '--directory', directory);
      expect(status).toBe(1);
      expect(stderr.trim().split('\n')).toEqual([expect.stringContaining('room-failed.schema.json differs')]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
