import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { parseJson } from '../../lib/contract/parse-json.ts';

const errorLine = z.object({ level: z.literal('ERROR') });

/** The logs that would go to CloudWatch, and the number of errors in them. */
export interface FunctionLogs {
  directory: string;
  readonly errorCount: number;
  /** Writes a line that a function printed. */
  write(functionName: string, line: string): void;
  /** Writes an error of the stack itself, outside the functions. */
  writeError(error: unknown): void;
}

/** Appends to one file per function, `<function>.ndjson`, and to `stack.ndjson`. */
export function openFunctionLogs(directory: string): FunctionLogs {
  mkdirSync(directory, { recursive: true });
  let errorCount = 0;

  function write(name: string, line: string): void {
    if (isError(line)) errorCount += 1;
    appendFileSync(join(directory, `${name}.ndjson`), `${line}\n`);
  }

  return {
    directory,
    get errorCount() {
      return errorCount;
    },
    write,
    writeError: (error) =>
      write('stack', JSON.stringify({ level: 'ERROR', message: error instanceof Error ? error.stack : String(error) })),
  };
}

function isError(line: string): boolean {
  return errorLine.safeParse(parseJson(line)).success;
}
