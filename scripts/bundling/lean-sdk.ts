import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { OnLoadArgs, OnLoadResult, Plugin } from 'esbuild';

const REPLACEMENTS = join(import.meta.dirname, 'replacements');

/**
 * Packages that functions replace: the name as it is imported, and the file that replaces it. docs/decisions/0064 states what each
 * replacement saves.
 */
const PACKAGES: Record<string, string> = {
  '@aws-sdk/credential-provider-node': 'credentials-of-environment.ts',
  '@aws-sdk/middleware-endpoint-discovery': 'endpoint-discovery.ts',
  '@smithy/core/event-streams': 'event-streams.ts',
  '@aws-lambda-powertools/jmespath': 'jmespath.ts',
  '@aws-lambda-powertools/jmespath/functions': 'jmespath.ts',
};

/** Files within packages: the path as the importing file writes it, and the file that replaces it. */
const FILES: Record<string, string> = {
  './fromSharedConfigFiles': 'shared-config-files.ts',
  '../config-resolver/regionConfig/getInstanceMetadataRegion': 'instance-metadata.ts',
};

const SDK_FILE = /[\\/]node_modules[\\/]@smithy[\\/]core[\\/]dist-es[\\/]submodules[\\/]config[\\/]/;

/**
 * Leaves out the parts of the AWS SDK and of Powertools that a Lambda function never uses. Loading a function consists mostly of reading and
 * compiling its code, so each part costs time at every cold start. If code uses such a part nevertheless, it throws an error that names this file.
 */
export const leanSdk: Plugin = {
  name: 'lean-sdk',
  setup(build) {
    for (const [name, file] of Object.entries(PACKAGES))
      build.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({
        path: join(REPLACEMENTS, file),
        sideEffects: false,
      }));
    build.onResolve({ filter: new RegExp(`^(${Object.keys(FILES).join('|')})$`) }, ({ path, importer }) => {
      const file = FILES[path];
      return file && SDK_FILE.test(importer) ? { path: join(REPLACEMENTS, file), sideEffects: false } : undefined;
    });
    // Otherwise, two versions of the store would be bundled. Both keep their values in the same property of `globalThis`, and have the same methods.
    const store = createRequire(installedFile('@aws-lambda-powertools/logger')).resolve('@aws/lambda-invoke-store');
    build.onResolve({ filter: /^@aws\/lambda-invoke-store$/ }, () => ({ path: store.replace('dist-cjs', 'dist-es') }));
    build.onLoad({ filter: /[\\/]node_modules[\\/].*[\\/]package\.json$/ }, nameAndVersion);
  },
};

/**
 * The main file of a package that this project declares. The package's own dependencies must be looked up from this file, because pnpm
 * installs only declared packages where the project itself finds them.
 */
function installedFile(packageName: string): string {
  return createRequire(resolve('package.json')).resolve(packageName);
}

/** For the User-Agent header, the SDK needs only the version from the `package.json` of each client. The rest of each file takes 3 KB. */
async function nameAndVersion({ path }: OnLoadArgs): Promise<OnLoadResult> {
  const { name, version }: { name?: unknown; version?: unknown } = JSON.parse(await readFile(path, 'utf8'));
  return { contents: JSON.stringify({ name, version }), loader: 'json' };
}
