#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { COMMANDS } from './commands.ts';
import { unsupportedNode } from './node-version.ts';

function start(): void {
  // The cache works only for modules that are loaded after this call, so everything else is imported dynamically.
  enableCompileCache();
  const args = process.argv.slice(2);
  const needsCommands = COMMANDS.some(({ name }) => args.includes(name));
  void (needsCommands ? import('./main.ts') : import('./main-help.ts')).then(({ main }) => main(args));
}

const problem = unsupportedNode(process.versions.node);
if (problem === undefined) start();
else {
  console.error(`error: ${problem}`);
  process.exitCode = 1;
}
