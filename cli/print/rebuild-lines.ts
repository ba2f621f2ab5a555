import type { ExaminedRoom, Finding } from '../../client/operate/examine-room.ts';
import { typed } from '../../client/typed-command.ts';

/** One line for a room that the restored ledger lacks. */
export function examinedRoomLine({ finding, region, arn, ledgerKey = 'no key' }: ExaminedRoom): string {
  return `${finding}  ${region}  ${arn}  ${ledgerKey}`;
}

/** The counts of a run, and what to do next. */
export function rebuildSummaryLines(counts: Record<Finding, number>, writes: boolean): string[] {
  const rebuilt = counts.missing + counts.behind + counts.undecided;
  const details = `${counts.missing} missing, ${counts.behind} behind, ${counts.undecided} undecided`;
  const cannot = counts.twin + counts.untagged + counts.damaged;
  return [
    `${writes ? 'Rebuilt' : 'Would rebuild'} ${rebuilt} items (${details}). ${counts.known} rooms are known.`,
    ...(cannot === 0
      ? []
      : [
          `${cannot} rooms cannot be used: ${counts.twin} with the claim of an older room, ${counts.untagged} without greenroom's tags, ${counts.damaged} with an item that cannot be read.`,
        ]),
    ...(writes || rebuilt === 0 ? [] : ['Nothing was written. Run the command again with --confirm.']),
  ];
}

const LOST_WISHES = 'Release times that were set after the backup are lost, and so are decisions to keep rooms.';

/** What to do about releases, which are stopped. */
export function stoppedReleasesText(): string {
  return `${LOST_WISHES} Releases are stopped: review them before ${typed('release --resume')}.`;
}

/** What to do about releases, which are not stopped everywhere. */
export function unstoppedReleasesText(): string {
  return `${LOST_WISHES} Releases continue: to stop them now, use ${typed('release --stop')}.`;
}
