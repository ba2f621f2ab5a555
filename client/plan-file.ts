import type { FileFormat } from '../lib/bulk/manifest-format.ts';
import type { ReadSettings } from '../lib/bulk/manifest-settings.ts';
import { type PlannedRow, planRows } from '../lib/bulk/plan-rows.ts';
import { readManifest } from '../lib/bulk/read-manifest.ts';
import type { Region } from '../lib/contract/regions.ts';
import { RELEASES } from './assumed-settings.ts';
import { fileNameOf, type ManifestFile, piecesOf } from './manifest-file.ts';

/** How a manifest is read before it is uploaded. */
export interface Reading extends Partial<ReadSettings> {
  defaultRegion: Region;
  signal: AbortSignal;
}

/** The rows of a manifest, as the service will read them. @throws ManifestError if the whole manifest must be refused */
export async function* planFile(
  manifest: ManifestFile,
  { defaultRegion, signal, ...readAs }: Reading,
  onFormat: (format: FileFormat) => void = () => undefined,
): AsyncGenerator<PlannedRow> {
  const { namespace } = manifest;
  const settings = { ...readAs, ...RELEASES, onFormat };
  const rows = readManifest(piecesOf(manifest), fileNameOf(manifest), defaultRegion, settings);
  for await (const row of planRows(rows, { namespace, defaultRegion })) {
    signal.throwIfAborted();
    yield row;
  }
}
