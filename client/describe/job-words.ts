import type { BulkProgress } from '../bulk-progress.ts';

/** IVS Chat's quota for CreateRoom, in calls per second for each account and region. It cannot be raised. */
export const ROOMS_PER_SECOND = 5;

/** The words that tell people what a job is doing. */
const STATES: Record<BulkProgress['state'], string> = {
  waiting: 'waiting',
  open: 'reading',
  sealed: 'running',
  reported: 'running',
  announced: 'ended',
  refused: 'refused',
};

/** The state of a job, in one of the words that the help of `greenroom jobs` explains. All commands use these words, including in JSON. */
export function jobState({ state, stoppedAt }: Pick<BulkProgress, 'state' | 'stoppedAt'>): string {
  return stoppedAt === undefined ? STATES[state] : 'stopped';
}

/**
 * The progress of a job in numbers of rows. `failed` does not include stopped rows. `done` rows have a room or have failed. `left` rows
 * have no outcome yet. `seconds` estimates the time until no rows are left.
 * @param rate rooms per second. Undefined: the quota of one region is assumed
 */
export function figuresOf(
  { failed: notMade, stopped, provisioned }: Pick<BulkProgress, 'failed' | 'stopped' | 'provisioned'>,
  members: number,
  rate: number | undefined,
): { failed: number; done: number; left: number; seconds: number } {
  const failed = notMade - stopped;
  const done = provisioned + failed;
  const left = members - done - stopped;
  return { failed, done, left, seconds: left / (rate ?? ROOMS_PER_SECOND) };
}

/** A sentence that says how many rooms of a job do not exist yet. A stop affects these rooms. */
export function roomsLeftText({
  members,
  rows,
  provisioned,
}: Pick<BulkProgress, 'members' | 'rows' | 'provisioned'>): string {
  const total = members ?? rows;
  if (total === undefined) return 'Its manifest has not been checked yet.';
  const left = Math.max(0, total - provisioned);
  return `${left} of ${total} room${total === 1 ? '' : 's'} ${left === 1 ? 'does' : 'do'} not exist yet.`;
}
