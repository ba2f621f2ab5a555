import { chromium } from 'playwright-core';
import { browserProgram } from './browser-program.ts';

const ARGUMENTS = [
  // A container seldom permits Chromium's sandbox. The tests open only pages of this project.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // The attackers' names resolve to this computer, as a name does after DNS rebinding.
  '--host-resolver-rules=MAP *.example 127.0.0.1',
];

export function launchBrowser() {
  if (browserProgram === undefined) throw new Error('This machine has no Chromium');
  return chromium.launch({ executablePath: browserProgram, args: ARGUMENTS });
}
