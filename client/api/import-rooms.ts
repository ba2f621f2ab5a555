import { createReadStream } from 'node:fs';
import { checkManifest } from '../../lib/bulk/check-manifest.ts';
import { ManifestError } from '../../lib/bulk/manifest-error.ts';
import type { FileFormat } from '../../lib/bulk/manifest-format.ts';
import type { Problem } from '../../lib/contract/problems.ts';
import { fileNameOf, type ManifestFile, readManifestFile } from '../manifest-file.ts';
import { planFile } from '../plan-file.ts';
import { putManifest } from '../upload-manifest.ts';
import { UserError } from '../user-error.ts';
import { signalOf } from './call-options.ts';
import type { ImportOptions, ImportResult, ManifestInput, RowCounts } from './import-result.ts';
import type { ProgramStage } from './stage.ts';

const NAME = /^[\x21-\x7e]{1,128}$/;

/**
 * Checks every row of a manifest as greenroom does, and uploads the manifest. greenroom then requests a room for each valid row. Uploading
 * the same file again creates no second room.
 * @throws the error of the file system or of the SDK
 */
export async function importRooms(
  stage: ProgramStage,
  file: ManifestInput,
  options: ImportOptions = {},
): Promise<ImportResult> {
  const { name, literal = false, allOrNothing = false } = options;
  if (name !== undefined && !NAME.test(name)) return refuse('name', 'must be 1 to 128 printable ASCII characters');
  const signal = signalOf(options);
  const read = await checkImport(stage, file, options, signal);
  if (read.kind === 'invalid') return read;
  const { manifest, format, counts } = read;
  const { problems, problemsTotal } = counts;
  if (allOrNothing && counts.invalid > 0) return { kind: 'invalid', problems, problemsTotal };
  if (counts.members === 0)
    return { kind: 'invalid', problems: [...problems, NO_ROOMS], problemsTotal: problemsTotal + 1 };
  const object = { fileName: fileNameOf(manifest, format.layout), content: manifest.content };
  const given = { ...(name !== undefined && { name }), encoding: format.encoding, literal, allOrNothing };
  const bucket = await stage.deployment.manifestBucket();
  const to = { s3: stage.deployment.s3, bucket };
  const jobId = await putManifest(to, object, { ...given, now: new Date(stage.clock.nowMs()), signal });
  return { kind: 'uploaded', jobId, ...counts };
}

type Invalid = Extract<ImportResult, { kind: 'invalid' }>;
/** A manifest that was read to its end. The caller decides whether its invalid rows prevent the upload. */
export interface CheckedImport {
  kind: 'checked';
  manifest: ManifestFile;
  format: FileFormat;
  counts: RowCounts;
}

/** Reads a manifest and checks all of its rows. Uploads nothing. @throws the error of the file system */
export async function checkImport(
  { region }: ProgramStage,
  file: ManifestInput,
  { name, encoding, literal = false }: ImportOptions,
  signal: AbortSignal,
): Promise<CheckedImport | Invalid> {
  let format: FileFormat | undefined;
  try {
    const manifest = await readManifestFile(nameOf(file), contentOf(file, signal), name);
    const reading = { ...(encoding !== undefined && { encoding }), literal, defaultRegion: region(), signal };
    const counts = await checkManifest(planFile(manifest, reading, (found) => (format = found)));
    if (format === undefined) throw new Error('The manifest has rows, but its format is not known');
    return { kind: 'checked', manifest, format, counts };
  } catch (error) {
    if (error instanceof UserError) return refuse('', error.message);
    if (!(error instanceof ManifestError)) throw error;
    return { kind: 'invalid', problems: error.problems, problemsTotal: error.problemsTotal };
  }
}

const NO_ROOMS: Problem = { path: '', message: 'no row requests a room' };

function refuse(path: string, message: string): Invalid {
  return { kind: 'invalid', problems: [{ path, message }], problemsTotal: 1 };
}

function nameOf(file: ManifestInput): string {
  return typeof file === 'string' ? file : file.name;
}

async function* contentOf(file: ManifestInput, signal: AbortSignal): AsyncGenerator<Buffer> {
  if (typeof file === 'string') yield* createReadStream(file, { signal });
  else yield Buffer.from(file.content);
}
