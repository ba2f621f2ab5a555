import { describe } from '@jest/globals';
import { browserProgram } from './browser-program.ts';

/** Declares tests that need a browser. On a machine without one, they are skipped, and the global setup says so once. */
export function describePage(title: string, tests: () => void): void {
  const run = browserProgram === undefined ? describe.skip : describe;
  run(title, tests);
}
