import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCycles } from './find-cycles.ts';
import { measureFile } from './measure-file.ts';
import { listSources, readSource } from './sources.ts';
import { type Summary, summarise } from './summary.ts';

/** Measures the files below a directory as they are now. */
export function measureTree(root: string): Summary {
  const files = listSources(root).map((path) => measureFile(path, readSource(root, path)));
  return summarise(files, findCycles(files));
}

/** Measures an earlier commit of the repository at `root`, without changing the working tree. */
export function measureCommit(root: string, commit: string): Summary {
  const directory = mkdtempSync(join(tmpdir(), 'greenroom-measure-'));
  try {
    const archive = execFileSync('git', ['archive', '--format=tar', commit], { cwd: root, maxBuffer: 2 ** 30 });
    execFileSync('tar', ['-x', '-C', directory], { input: archive });
    return measureTree(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
