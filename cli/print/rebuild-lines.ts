import type { ExaminedRoom, Finding } from '../../client/operate/examine-room.ts';

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
