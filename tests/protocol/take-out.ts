import { registerHooks } from 'node:module';
import type * as BatchModule from '../../lib/provisioning/process-batch.ts';
import type * as ServicesModule from '../../lib/provisioning/services.ts';
import type * as ExtraRoomModule from '../../lib/provisioning/is-extra-room.ts';

/** A change of the source: `find` must stand in the file exactly once. */
export interface Cut {
  /** Within lib/provisioning. */
  file: string;
  find: string;
  replacement: string;
}

/** What a scenario runs: the product, whole or with something taken out. */
export type Provisioning = typeof BatchModule & typeof ServicesModule & typeof ExtraRoomModule;

const LIB = new URL('../../lib/', import.meta.url).href;
const PROVISIONING = new URL('provisioning/', LIB).href;

const cutsByVariant = new Map<string, readonly Cut[]>();

/** @throws Error if a text to find is not there exactly once: then the table of rules is out of date. */
export function takeOut(source: string, cuts: readonly Cut[]): string {
  return cuts.reduce((text, { file, find, replacement }) => {
    const times = text.split(find).length - 1;
    if (times !== 1) throw new Error(`${file} holds ${times} times, not once: ${find}`);
    return text.replace(find, () => replacement);
  }, source);
}

/**
 * Lets one process load lib/ several times over: a variant is a copy of the whole module graph, and its cuts are made as the
 * files are read. Nothing on disk is changed, and node_modules are shared. Call once.
 */
export function installVariants(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const variant = variantOf(context.parentURL);
      return variant !== null && resolved.url.startsWith(LIB)
        ? { ...resolved, url: `${resolved.url}?without=${variant}` }
        : resolved;
    },
    load(url, context, next) {
      const loaded = next(url, context);
      const variant = variantOf(url);
      const cuts = (variant && cutsByVariant.get(variant)) || [];
      const cutsHere = cuts.filter(({ file }) => url.startsWith(`${PROVISIONING}${file}?`));
      return cutsHere.length > 0 ? { ...loaded, source: takeOut(String(loaded.source), cutsHere) } : loaded;
    },
  });
}

/** Loads the product as it is, or a variant of it. @throws Error if a cut can't be made. */
export async function loadProvisioning(variant?: { name: string; cuts: readonly Cut[] }): Promise<Provisioning> {
  const query = variant ? `?without=${encodeURIComponent(variant.name)}` : '';
  if (variant) cutsByVariant.set(encodeURIComponent(variant.name), variant.cuts);
  const load = (file: string) => import(`${PROVISIONING}${file}${query}`);
  const files = ['process-batch.ts', 'services.ts', 'is-extra-room.ts'];
  return Object.assign({}, ...(await Promise.all(files.map(load))));
}

/** As it stands in the URL. */
function variantOf(url: string | undefined): string | null {
  return url?.match(/\?without=(.+)$/)?.[1] ?? null;
}
