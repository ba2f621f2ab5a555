import { existsSync } from 'node:fs';

/** Where Debian and other systems install Chromium. The variable `CHROMIUM` can specify another path. */
const PROGRAMS = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** The browser of this machine; undefined if no browser is installed. */
export const browserProgram = PROGRAMS.find((path) => path !== '' && existsSync(path));
