#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { COMMANDS } from './commands.ts';

// The cache works only for modules that are loaded after this call, so everything else is imported dynamically.
enableCompileCache();
const args = process.argv.slice(2);
const needsCommands = COMMANDS.some(({ name }) => args.includes(name));
void (needsCommands ? import('./main.ts') : import('./main-help.ts')).then(({ main }) => main(args));
