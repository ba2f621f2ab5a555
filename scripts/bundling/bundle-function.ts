import { type BuildResult, build } from 'esbuild';
import { leanSchemas } from './lean-schemas.ts';
import { leanSdk } from './lean-sdk.ts';

/**
 * Bundles a function into one minified CommonJS file with a source map, because Lambda loads that faster than the same code as an ES module.
 * `mainFields` prefers packages' ES modules, so that esbuild can remove unused code.
 */
export function bundleFunction(
  source: string,
  outfile: string,
  { write = true }: { write?: boolean } = {},
): Promise<BuildResult<{ metafile: true }>> {
  return build({
    entryPoints: [source],
    outfile,
    write,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
    conditions: ['module', 'import'],
    plugins: [leanSdk, leanSchemas],
    minify: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
  });
}
