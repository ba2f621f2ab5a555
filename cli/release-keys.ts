import type { Deployment } from '../client/deployment.ts';
import { printNotes } from '../client/fit-line.ts';
import { readManifestFile } from '../client/manifest-file.ts';
import { keysOfEvent } from '../client/operate/release/keys-of-event.ts';
import { keysOfJob } from '../client/operate/release/keys-of-job.ts';
import type { NamedKey } from '../client/operate/release/room-release.ts';
import { planFile } from '../client/plan-file.ts';
import { UserError } from '../client/user-error.ts';
import { ManifestError } from '../lib/bulk/manifest-error.ts';
import type { CliContext } from './cli-context.ts';
import { findNamedJob } from './find-job.ts';
import { counted } from './print/bulk-lines.ts';
import { refusalLines } from './print/refusal-lines.ts';
import { nameOfFile, readChunks } from './read-file.ts';
import type { ReleaseOptions, RoomSelection } from './release-options.ts';

/** The keys that a user has selected. @throws UserError if the job, the event or the manifest does not exist or cannot be read */
export async function* keysOf(
  selection: RoomSelection,
  options: ReleaseOptions,
  deployment: Deployment,
  { signal }: CliContext,
): AsyncGenerator<NamedKey> {
  switch (selection.kind) {
    case 'keys':
      for (const key of selection.keys) yield { key };
      return;
    case 'job': {
      const jobId = await findNamedJob(deployment, selection.id, signal);
      yield* keysOfJob(deployment, jobId, {
        signal,
        onGone: (problem) => printNotes([`${problem}, so only the rows that the job has read are listed.`]),
      });
      return;
    }
    case 'event':
      yield* keysOfEvent(deployment, selection.id);
      return;
    case 'manifest':
      yield* keysOfManifest(selection.file, options, deployment, signal);
  }
}

async function* keysOfManifest(
  file: string,
  { name, encoding, literal }: ReleaseOptions,
  deployment: Deployment,
  signal: AbortSignal,
): AsyncGenerator<NamedKey> {
  const manifest = await readManifestFile(file, readChunks(file, signal), name);
  const reading = {
    ...(encoding !== undefined && { encoding }),
    literal,
    defaultRegion: deployment.defaultRegion(),
    signal,
  };
  let invalid = 0;
  try {
    for await (const row of planFile(manifest, reading)) {
      if (row.kind === 'invalid') invalid += 1;
      if (row.kind !== 'request') continue;
      const { idempotencyKey: key, region, room } = row.request;
      yield { key, region, roomName: room.name };
    }
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    printNotes(refusalLines(error, nameOfFile(file)));
    throw new UserError(`${nameOfFile(file)} cannot be read as a manifest for the reasons above; nothing was sent`);
  }
  if (invalid > 0)
    printNotes([`${counted(invalid, 'row')} of ${file} ${invalid === 1 ? 'is' : 'are'} invalid, and left out.`]);
}
