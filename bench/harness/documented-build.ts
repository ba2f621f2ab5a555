import type { BuildOptions } from 'esbuild';

/**
 * The build of a function that is compared with greenroom's, as a careful engineer would configure it: the options of AWS's documentation,
 * and the packages' ES modules, so that esbuild can remove unused code. https://docs.aws.amazon.com/lambda/latest/dg/typescript-package.html
 */
export const DOCUMENTED_BUILD = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  mainFields: ['module', 'main'],
  conditions: ['module', 'import'],
  legalComments: 'none',
  logLevel: 'warning',
} satisfies BuildOptions;
