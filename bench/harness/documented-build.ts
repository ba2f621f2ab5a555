import type { BuildOptions } from 'esbuild';

/**
 * Builds a function with which greenroom's functions are compared. It is built as a careful engineer would build it: with the options in
 * AWS's documentation, and with the packages' ES modules, so that esbuild can remove unused code.
 * https://docs.aws.amazon.com/lambda/latest/dg/typescript-package.html
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
