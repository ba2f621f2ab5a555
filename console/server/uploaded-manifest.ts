import { checkImport, importRooms } from '../../client/api/import-rooms.ts';
import type { Deployment } from '../../client/deployment.ts';
import { ROOMS_PER_SECOND } from '../../client/describe/job-words.ts';
import { planBulk } from '../../client/operate/plan-bulk.ts';
import { planFile } from '../../client/plan-file.ts';
import type { Waiting } from '../../lib/platform/backoff.ts';
import type { ManifestCheckAnswer, ManifestUploadAnswer } from '../api/imports.ts';
import { programStage } from './program-stage.ts';

/** A manifest that the page has sent. */
export interface UploadedManifest {
  name: string;
  content: Uint8Array;
  allOrNothing: boolean;
}

/** Checks every row, and predicts what the manifest would do. Uploads nothing. */
export async function checkUploaded(
  { name, content }: UploadedManifest,
  deployment: Deployment,
  waiting: Waiting,
): Promise<ManifestCheckAnswer> {
  const { signal } = waiting;
  const stage = programStage(deployment, waiting.clock);
  const checked = await checkImport(stage, { name, content }, {}, signal);
  if (checked.kind === 'invalid') return checked;
  const { manifest, counts, format } = checked;
  async function* requests() {
    const reading = { encoding: format.encoding, defaultRegion: deployment.defaultRegion(), signal };
    for await (const row of planFile(manifest, reading)) if (row.kind === 'request') yield row;
  }
  return { kind: 'checked', ...counts, plan: await planBulk(deployment, requests(), ROOMS_PER_SECOND, waiting) };
}

/** Uploads a manifest, which begins a job. */
export function uploadManifest(
  { name, content, allOrNothing }: UploadedManifest,
  deployment: Deployment,
  { clock, signal }: Waiting,
): Promise<ManifestUploadAnswer> {
  return importRooms(programStage(deployment, clock), { name, content }, { allOrNothing, signal });
}
