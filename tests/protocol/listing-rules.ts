import { type Rule, SECOND_ROOM } from './rule.ts';

/** The rules for listings with several pages. */
export const LISTING_RULES: Record<string, Rule> = {
  LAST: {
    takenOut: 'a listing of several pages is trusted as if all pages showed the same moment',
    cuts: [{ file: 'provisioning/find-room.ts', find: 'if (walked.isSnapshot || ', replacement: 'if (true || ' }],
    scenario: 'room-moves-between-two-pages',
    violation: SECOND_ROOM,
  },
  ONEPAGE: {
    takenOut: 'a last look of several pages counts too',
    cuts: [
      {
        file: 'provisioning/find-room.ts',
        find: 'if (walked.isSnapshot || ',
        replacement: 'if (walked.isSnapshot || depthMs !== search.notBeforeMs || ',
      },
    ],
    scenario: 'room-moves-during-a-last-look',
    violation: SECOND_ROOM,
  },
  LAG: {
    takenOut: 'a last look reads only down to the time of the first page',
    cuts: [
      { file: 'provisioning/find-room.ts', find: 'pass.startedAtMs - search.lateMs', replacement: 'pass.startedAtMs' },
    ],
    scenario: 'move-is-listed-late',
    violation: SECOND_ROOM,
  },
  ORDER: {
    takenOut: "another request's last look counts, whenever it was read",
    cuts: [
      {
        file: 'provisioning/find-room.ts',
        find: 'minPagesRead: walked.pagesReadSoFar',
        replacement: 'minPagesRead: 1',
      },
    ],
    scenario: "another-request's-last-look",
    violation: SECOND_ROOM,
  },
  BOUND: {
    takenOut: 'the progress of a listing is kept by the age of its intent, and a new intent does not reset it',
    cuts: [
      {
        file: 'provisioning/reconcile.ts',
        find: 'progress?.intent !== intentMs',
        replacement: 'progress === undefined',
      },
      {
        file: 'provisioning/reconcile.ts',
        find: 'return progress.started_at >= settledAtMs || nowMs < settledAtMs ? progress : undefined;',
        replacement: 'return { ...progress, started_at: progress.started_at - progress.intent + intentMs };',
      },
      {
        file: 'ledger/claim-changes.ts',
        find: "remove: ['listing', 'rebuilt_from'],\n    values: { now: nowMs",
        replacement: "remove: ['rebuilt_from'],\n    values: { now: nowMs",
      },
    ],
    scenario: 'place-of-an-earlier-intent',
    violation: SECOND_ROOM,
  },
  REFUSED: {
    takenOut: 'a refused token counts as the end of the list',
    cuts: [
      {
        file: 'provisioning/find-room.ts',
        find: "throw new RefusedTokenError('ListRooms no longer accepts its token', { cause });",
        replacement: 'return { rooms: [] };',
      },
    ],
    scenario: 'refused-token-is-not-the-end',
    violation: SECOND_ROOM,
  },
};
