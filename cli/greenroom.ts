#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { watchForInterruption } from '../client/interruption.ts';
import { systemClock } from '../lib/platform/clock.ts';

// The cache works only for modules that are loaded after this call, so everything large is imported dynamically.
enableCompileCache();
const { runCli } = await import('./run-cli.ts');

await runCli(process.argv.slice(2), {
  signal: watchForInterruption(),
  clock: systemClock,
  findDeployment: async (...wanted) => (await import('../client/deployment.ts')).findDeployment(...wanted),
});
