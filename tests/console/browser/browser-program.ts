import { existsSync } from 'node:fs';

/** Where Debian and other systems install Chromium. `CHROMIUM` names another one. */
const PROGRAMS = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** The browser of this machine; undefined if it has none. */
export const browserProgram = PROGRAMS.find((path) => path !== '' && existsSync(path));
