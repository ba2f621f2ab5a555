/**
 * `npm run bench`: measures the pace. `--help` describes it.
 *
 * The benchmark runs without V8's pool of helper threads. One process contains all workers and most of AWS, each with its own
 * heap. On two processors, the helper threads that collect their garbage would delay workers by 20 ms and more.
 */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { explainError } from '../client/explain-error.ts';
import { EXIT_INTERRUPTED, watchForInterruption } from '../client/interruption.ts';
import { makePackage, requirePackage } from '../local/start/make-package.ts';
import { allHold, type Table, tableLines } from './harness/table.ts';
import { type BenchOptions, HELP, parseOptions } from './options.ts';
import { SCENARIOS } from './scenarios.ts';

const ROOT = join(import.meta.dirname, '..');
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) return EXIT_USAGE;
  if (options === 'help') {
    console.log(HELP);
    return 0;
  }
  const signal = watchForInterruption();
  try {
    return (await measure(options, signal)) ? 0 : EXIT_FAILED;
  } catch (error) {
    if (signal.aborted) return EXIT_INTERRUPTED;
    console.error(`${styleText('red', 'error:', { stream: process.stderr })} ${explainError(error)}`);
    if (process.env.DEBUG === 'greenroom') console.error(error);
    return EXIT_FAILED;
  }
}

function readOptions(): BenchOptions | 'help' | undefined {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n(for help: npm run bench -- --help)`);
    return undefined;
  }
}

/** @returns whether every bound holds */
async function measure(options: BenchOptions, signal: AbortSignal): Promise<boolean> {
  const { names, seeds, rooms, json, quick, build } = options;
  if (build) await makePackage(ROOT, signal);
  else requirePackage(ROOT);
  const machine = describeMachine();
  console.log(`${new Date().toISOString()}, ${machine}\n`);
  const tables: Table[] = [];
  for (const scenario of SCENARIOS.filter(({ name }) => names.includes(name))) {
    const progress = (text: string) => console.error(styleText('dim', text, { stream: process.stderr }));
    const context = { root: ROOT, seeds, isQuick: quick, signal, progress, ...(rooms !== undefined && { rooms }) };
    for (const table of await scenario.run(context)) {
      tables.push(table);
      console.log(`${tableLines(table).join('\n')}\n`);
      // The file is written after each table, so that an interrupted run keeps its figures.
      if (json !== undefined) writeFileSync(json, `${JSON.stringify({ machine, options, tables }, undefined, 2)}\n`);
    }
  }
  const holds = allHold(tables);
  console.log(holds ? styleText('green', 'Every bound holds.') : styleText('red', 'A bound is missed.'));
  return holds;
}

function describeMachine(): string {
  const processors = cpus();
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  return `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}, ${memoryGb} GB, Node ${process.version}`;
}

process.exitCode = await main();
