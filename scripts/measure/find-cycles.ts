import type { FileFigures } from './measure-file.ts';

/** The groups of files that import one another in a cycle, each sorted (Tarjan's strongly connected components). */
export function findCycles(files: readonly Pick<FileFigures, 'path' | 'imports'>[]): string[][] {
  const imports = new Map(files.map(({ path, imports }) => [path, imports]));
  const seen = new Map<string, { index: number; low: number; isOpen: boolean }>();
  const open: string[] = [];
  const cycles: string[][] = [];

  function visit(path: string): number {
    const entry = { index: seen.size, low: seen.size, isOpen: true };
    seen.set(path, entry);
    open.push(path);
    for (const imported of imports.get(path) ?? []) {
      if (!imports.has(imported)) continue;
      const known = seen.get(imported);
      if (known === undefined) entry.low = Math.min(entry.low, visit(imported));
      else if (known.isOpen) entry.low = Math.min(entry.low, known.index);
    }
    if (entry.low === entry.index) close(path);
    return entry.low;
  }

  function close(path: string): void {
    const group = open.splice(open.indexOf(path));
    for (const member of group) {
      const entry = seen.get(member);
      if (entry) entry.isOpen = false;
    }
    if (group.length > 1 || imports.get(path)?.includes(path)) cycles.push(group.sort());
  }

  for (const { path } of files) if (!seen.has(path)) visit(path);
  return cycles;
}
