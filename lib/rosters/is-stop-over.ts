import type { RosterMeta } from './roster-item.ts';

/**
 * Whether the workers no longer need to know that a job is stopped: no request of the job is unanswered, and none will be sent. A refused
 * job may have requested rows before its manifest was replaced or deleted.
 */
export function isStopOver({ state, members, provisioned, failed }: RosterMeta): boolean {
  switch (state) {
    case 'open':
    case 'sealed':
      return false;
    case 'reported':
    case 'announced':
      return true;
    case 'refused':
      return provisioned + failed >= members;
  }
}

/** Whether an operator has stopped a roster. Only bulk jobs can be stopped. */
export function isStopped(roster: RosterMeta | undefined): boolean {
  return roster?.kind === 'bulk' && roster.stopped_at !== undefined;
}
