import { registerHooks } from 'node:module';
import type * as ExtraRoomModule from '../../lib/ledger/is-extra-room.ts';
import type * as LedgerModule from '../../lib/ledger/ledger.ts';
import type * as RebuildModule from '../../lib/ledger/rebuild-item.ts';
import type * as BatchModule from '../../lib/provisioning/process-batch.ts';
import type * as ServicesModule from '../../lib/provisioning/services.ts';
import type * as ReleasesModule from '../../lib/releasing/release-rooms.ts';
import type * as ReleaseServicesModule from '../../lib/releasing/release-services.ts';
import type * as SweepModule from '../../lib/sweeping/sweep-region.ts';
import { type Cut, makeCuts } from './cut.ts';

/** The modules that a scenario runs: those of the product, complete or with cuts. */
export type Provisioning = typeof BatchModule &
  typeof ServicesModule &
  typeof ExtraRoomModule &
  typeof LedgerModule &
  typeof ReleasesModule &
  typeof ReleaseServicesModule &
  typeof RebuildModule &
  typeof SweepModule;

const LIB = new URL('../../lib/', import.meta.url).href;

const cutsByVariant = new Map<string, readonly Cut[]>();

/**
 * Lets one process load lib/ several times. A variant is a copy of the whole module graph, and its cuts are made while the
 * files are read. Nothing on disk is changed, and node_modules are shared. May be called only once.
 */
export function installVariants(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const variant = variantOf(context.parentURL);
      const isOurs = variant !== undefined && resolved.url.startsWith(LIB);
      return isOurs ? { ...resolved, url: `${resolved.url}?without=${variant}` } : resolved;
    },
    load(url, context, next) {
      const loaded = next(url, context);
      const cuts = cutsByVariant.get(variantOf(url) ?? '') ?? [];
      const here = cuts.filter(({ file }) => url.startsWith(`${LIB}${file}?`));
      return here.length > 0 ? { ...loaded, source: makeCuts(String(loaded.source), here) } : loaded;
    },
  });
}

/** Loads the product unchanged or, under a name, with cuts. @throws Error if a cut cannot be made */
export async function loadProvisioning(variant?: { name: string; cuts: readonly Cut[] }): Promise<Provisioning> {
  if (variant) cutsByVariant.set(variant.name, variant.cuts);
  const query = variant ? `?without=${variant.name}` : '';
  const files = [
    'provisioning/process-batch.ts',
    'provisioning/services.ts',
    'ledger/is-extra-room.ts',
    'ledger/ledger.ts',
    'ledger/rebuild-item.ts',
    'releasing/release-rooms.ts',
    'releasing/release-services.ts',
    'sweeping/sweep-region.ts',
  ];
  return Object.assign({}, ...(await Promise.all(files.map((file) => import(`${LIB}${file}${query}`)))));
}

function variantOf(url: string | undefined): string | undefined {
  return url?.match(/\?without=(.+)$/)?.[1];
}
