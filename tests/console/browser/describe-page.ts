import { describe } from '@jest/globals';
import { browserProgram } from './browser-program.ts';

/** Tests in a browser. On a machine without one, they are skipped; the global setup prints this once. */
export function describePage(title: string, tests: () => void): void {
  const run = browserProgram === undefined ? describe.skip : describe;
  run(title, tests);
}
