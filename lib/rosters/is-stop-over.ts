import type { RosterMeta } from './roster-item.ts';
import { countMembers } from './roster-members.ts';
import type { ReadableRosterTable } from './roster-table.ts';

/**
 * Whether the workers need not know any longer that a job is stopped: no request of the job is unanswered, and none will be sent. A refused
 * job may have requested rows before its manifest was replaced or deleted. It is not sealed, so its members must be counted.
 */
export async function isStopOver(table: ReadableRosterTable, roster: RosterMeta): Promise<boolean> {
  switch (roster.state) {
    case 'open':
    case 'sealed':
      return false;
    case 'reported':
    case 'announced':
      return true;
    case 'refused':
      return roster.provisioned + roster.failed >= (await countMembers(table, roster.roster_id));
  }
}

/** Whether an operator has stopped a roster. Only bulk jobs can be stopped. */
export function isStopped(roster: RosterMeta | undefined): boolean {
  return roster?.kind === 'bulk' && roster.stopped_at !== undefined;
}
