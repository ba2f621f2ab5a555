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
  M_ACKFIRST: {
    takenOut: 'a command is acknowledged before its wish is written',
    cuts: [
      {
        file: 'provisioning/process-message.ts',
        find: "if (read.kind === 'release') return answerRelease(read, services);",
        replacement: `if (read.kind === 'release') {
            void answerRelease(read, services);
            return Promise.resolve({ kind: 'answered', how: 'release-scheduled', completionId: '' });
          }`,
      },
    ],
    scenario: 'command-arrives-before-its-request',
    violation: /^I3: command \d+ ends without an answer/,
  },
  M_LIFTALL: {
    takenOut: 'LIFT is also applied to an old duplicate, which was sent before the failure',
    cuts: [
      {
        file: 'ledger/judge-item.ts',
        find: 'answeredUntilMs < request.sentAtMs && !isBoundByStop(item, request)',
        replacement: '!isBoundByStop(item, request)',
      },
    ],
    scenario: 'duplicate-arrives-in-the-next-generation',
    violation: /^R1: .* without a wish/,
  },
  M_LIFTRANK: {
    takenOut: 'LIFT gives the wish a moment just after the boundary',
    cuts: [
      {
        file: 'ledger/store-wish.ts',
        find: 'liftChange(item, stored, key, now)',
        replacement: 'wishChange(item, { ...stored, wishedAtMs: Number(item.begun_after) + 1 }, key, now)',
      },
    ],
    scenario: 'request-is-sent-back-after-another-and-a-keep',
    violation: /^R1: .* although the wish was withdrawn/,
  },
  M_PUSHBLIND: {
    takenOut: 'push back is written without a condition',
    cuts: [
      {
        file: 'ledger/release-changes.ts',
        find: "condition: '#release_look_at = :seen',",
        replacement: "condition: '(#release_look_at = :seen OR #release_look_at <> :seen)',",
      },
    ],
    scenario: 'push-back-arrives-after-the-retention-time',
    violation: /^R12: a write creates an item that was removed/,
  },
};
