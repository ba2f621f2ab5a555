import type { Rule } from './rule.ts';

/** Wrong implementations of room release, each as a change of the existing one. */
export const RELEASE_CONTROLS: Record<string, Rule> = {
  M_SAYFIRST: {
    takenOut: 'released is published before DeleteRoom is answered',
    cuts: [
      {
        file: 'releasing/release-room.ts',
        find: 'const answer = await deleteRoom(marked.item, slot, run);',
        replacement:
          'await publishReleased(marked.item, run); const answer = await deleteRoom(marked.item, slot, run);',
      },
    ],
    scenario: 'delete-room-is-lost',
    violation: /^R3: released is published, but the room exists/,
  },
  M_GONEFAIL: {
    takenOut: 'a 404 is treated as a failed release',
    cuts: [
      {
        file: 'releasing/delete-room.ts',
        find: "isOfThisAccount(item, run)) return 'deleted';",
        replacement: "isOfThisAccount(item, run)) return 'conflict';",
      },
    ],
    scenario: 'answer-of-delete-room-is-lost',
    violation: /^R8: a room was released, but this was never announced/,
  },
  M_LOSTOK: {
    takenOut: 'a lost response of DeleteRoom is treated as a success',
    cuts: [
      {
        file: 'releasing/delete-room.ts',
        find: 'const failure = classifyFailure(error, true);',
        replacement:
          "const failure = classifyFailure(error, true); if (failure.kind === 'ambiguous') return 'deleted';",
      },
    ],
    scenario: 'delete-room-is-lost',
    violation: /^R3: released is published, but the room exists/,
  },
  M_SWEEP: {
    takenOut: 'the sweep deletes rooms that are due',
    cuts: [
      {
        file: 'ledger/is-extra-room.ts',
        find: "return item.decision === 'failed' ||",
        replacement: "return Number(item.release_look_at) <= Date.now() || item.decision === 'failed' ||",
      },
    ],
    scenario: 'keep-arrives-during-a-sweep',
    violation: /^R1: a room is deleted although the wish was withdrawn/,
  },
  M_REPLAYS: {
    takenOut: 'a request that was sent after the mark is answered by replaying provisioned',
    cuts: [
      {
        file: 'ledger/judge-item.ts',
        find: 'return markedAtMs !== undefined && sentAtMs > markedAtMs;',
        replacement: 'return false;',
      },
    ],
    scenario: 'requests-after-the-release',
    violation: /^R9: a request that was sent after the mark is answered with the room/,
  },
};
