#!/usr/bin/env node
import { findDeployment } from '../client/deployment.ts';
import { watchForInterruption } from '../client/interruption.ts';
import { systemClock } from '../lib/platform/clock.ts';
import { runCli } from './run-cli.ts';

await runCli(process.argv.slice(2), { signal: watchForInterruption(), clock: systemClock, findDeployment });
