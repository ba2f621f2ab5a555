import { planRows } from '../../../lib/bulk/plan-rows.ts';
import { readManifest } from '../../../lib/bulk/read-manifest.ts';
import { regionNamed } from '../../../lib/contract/regions.ts';
import { readMembers } from '../../../lib/rosters/roster-members.ts';
import { readRoster } from '../../../lib/rosters/roster-states.ts';
import { RELEASES } from '../../assumed-settings.ts';
import type { Deployment } from '../../deployment.ts';
import { typed } from '../../typed-command.ts';
import { UserError } from '../../user-error.ts';
import { type JobManifest, ManifestGoneError, openJobManifest } from '../job-manifest.ts';
import type { NamedKey } from './room-release.ts';

/**
 * The keys of a bulk job. Once all of its rows have been read, they come from the members of its roster. Before that, they come from its
 * manifest, which also contains the rows that have not been read yet.
 * @param onGone called if the manifest is needed but can no longer be read. The rows that have not been read yet are then missing, but without
 *   the manifest they are never requested either
 * @throws UserError if there is no such job, or the keys of its rows cannot be computed
 */
export async function* keysOfJob(
  deployment: Deployment,
  jobId: string,
  { signal, onGone }: { signal: AbortSignal; onGone: (problem: string) => void },
): AsyncGenerator<NamedKey> {
  const { dynamodb, rosterTable: tableName } = deployment;
  const roster = await readRoster({ dynamodb, tableName }, jobId);
  if (roster?.kind !== 'bulk') throw new UserError(`There is no bulk job ${jobId} in this stage: see ${typed('jobs')}`);
  const manifest = roster.state === 'open' ? await openOrNote(deployment, jobId, signal, onGone) : undefined;
  const members = membersOf(deployment, jobId);
  yield* manifest === undefined ? members : withRowsToCome(manifest, members, deployment);
}

async function openOrNote(
  deployment: Deployment,
  jobId: string,
  signal: AbortSignal,
  onGone: (problem: string) => void,
): Promise<JobManifest | undefined> {
  try {
    return await openJobManifest(deployment, jobId, signal);
  } catch (error) {
    if (!(error instanceof ManifestGoneError)) throw error;
    onGone(error.problem);
    return undefined;
  }
}

async function* membersOf({ dynamodb, rosterTable: tableName }: Deployment, jobId: string): AsyncGenerator<NamedKey> {
  for await (const { idempotency_key: key, region, room_name: roomName } of readMembers({ dynamodb, tableName }, jobId))
    yield { key, region: regionNamed(region), roomName };
}

/**
 * The rows of a manifest. If a row names no key, its key depends on the default region of the stage. If this command assumed another
 * region, it would release keys that nobody requests, and leave the rooms in place. To detect this, the function checks that every member
 * is in the manifest.
 */
async function* withRowsToCome(
  { body, fileName, name, readAs }: JobManifest,
  members: AsyncIterable<NamedKey>,
  deployment: Deployment,
): AsyncGenerator<NamedKey> {
  try {
    const defaultRegion = deployment.defaultRegion();
    const missing = new Set<string>();
    for await (const { key } of members) missing.add(key);
    const rows = readManifest(body, fileName, defaultRegion, { ...readAs, ...RELEASES });
    for await (const row of planRows(rows, { namespace: name, defaultRegion })) {
      if (row.kind !== 'request') continue;
      const { idempotencyKey: key, region, room } = row.request;
      missing.delete(key);
      yield { key, region, roomName: room.name };
    }
    if (missing.size > 0)
      throw new UserError(
        `The job has requested ${missing.size} keys that its manifest does not contain if the default region is ${defaultRegion}: specify the stage's default region with --default-region`,
      );
  } finally {
    body.destroy();
  }
}
