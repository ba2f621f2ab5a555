import { REGIONS, type Region } from '../../../lib/contract/regions.ts';
import { releasesStoppedSinceMs, resumeReleases, stopReleases } from '../../../lib/pace/operator-settings.ts';
import { createPaceTable, readPace } from '../../../lib/pace/pace-table.ts';
import type { Clock } from '../../../lib/platform/clock.ts';
import { learnTimeFrom } from '../../../lib/platform/learn-time.ts';
import { createSharedTime } from '../../../lib/platform/shared-time.ts';
import { openTables } from '../../../lib/platform/tables.ts';
import type { Deployment } from '../../deployment.ts';
import { isMissingResource } from '../../missing-resource.ts';

type PaceOf = Pick<Deployment, 'dynamodb' | 'paceTable'>;

/** The releases of one region. Times are epoch milliseconds. */
export interface RegionReleases {
  region: Region;
  /** The time since which an operator has stopped them; undefined if they are not stopped. */
  stoppedSinceMs: number | undefined;
}

/** A region after a change. `problem`: why it could not be changed. */
export type ChangedReleases = RegionReleases | { region: Region; problem: string };

/** Reads in which regions releases are stopped. @throws the SDK's error; `ResourceNotFoundException` if the stage is not deployed */
export async function readReleaseStops({ dynamodb, paceTable: tableName }: PaceOf): Promise<RegionReleases[]> {
  const all = await Promise.all(
    REGIONS.map(async (region) => ({
      region,
      stoppedSinceMs: releasesStoppedSinceMs(await readPace({ dynamodb, tableName }, region, 'DeleteRoom')),
    })),
  );
  return all.filter(({ stoppedSinceMs }) => stoppedSinceMs !== undefined);
}

/**
 * Stops or resumes the releases of some regions. If the change of one region fails, the others are still changed: an operator stops
 * releases when rooms are being deleted by mistake, so every region counts.
 * @throws the signal's reason if the signal is aborted; the SDK's error if the stage is not deployed
 */
export function changeReleasesIn(
  { dynamodb, paceTable: tableName }: PaceOf,
  regions: readonly Region[],
  kind: 'stop' | 'resume',
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<ChangedReleases[]> {
  const table = createPaceTable(openTables(dynamodb, clock), tableName);
  const time = createSharedTime(clock);
  learnTimeFrom(dynamodb, time, clock);
  return Promise.all(
    regions.map(async (region) => {
      try {
        // The response to this read shows whether the clock of this computer is wrong. The stop must be written even if the read fails.
        await readPace({ dynamodb, tableName }, region, 'DeleteRoom').catch(() => undefined);
        const update = kind === 'stop' ? stopReleases(time.nowMs()) : resumeReleases();
        const { item } = await table.update(region, 'DeleteRoom', update);
        return { region, stoppedSinceMs: releasesStoppedSinceMs(item) };
      } catch (error) {
        signal.throwIfAborted();
        // All regions share one table, so none of them can be changed.
        if (isMissingResource(error)) throw error;
        const { cause, message } = error instanceof Error ? error : { cause: undefined, message: String(error) };
        return { region, problem: cause instanceof Error ? `${cause.name}: ${cause.message}` : message };
      }
    }),
  );
}
