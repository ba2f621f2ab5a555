import { type Rule, SECOND_ROOM, TWO_IDS } from './rule.ts';

/** Plausible wrong implementations, each as a change of the existing one. */
export const WRONG_IMPLEMENTATIONS: Record<string, Rule> = {
  M_ZDEL: {
    takenOut: 'a worker that lost its claim deletes the room that it created without checking the ledger',
    cuts: [{ file: 'provisioning/decide.ts', find: 'if (!isExtraRoom(room, item)) return;', replacement: '' }],
    scenario: 'zombie-looks-before-it-deletes',
    violation: /^I4: the ledger has arn.*, and IVS Chat has none/,
  },
  M_RETRY: {
    takenOut: 'an ambiguous CreateRoom whose room is not listed is sent again',
    cuts: [
      {
        file: 'provisioning/react-to-failure.ts',
        find: "await decideRoom(job, await findAlreadyListed(job, intentMs), 'adopted');",
        replacement: `const room = await findAlreadyListed(job, intentMs).catch(() => undefined);
          if (room === undefined) return 'retry';
          await decideRoom(job, room, 'adopted');`,
      },
    ],
    scenario: 'one-send-per-invocation',
    violation: SECOND_ROOM,
  },
  M_NOINTENT: {
    takenOut: 'the sweep treats a room as extra if no decision names it',
    cuts: [
      {
        file: 'ledger/is-extra-room.ts',
        find: "return item.decision === 'failed' || (item.decision === 'room' && item.room_arn !== room.arn);",
        replacement: "return item.decision !== 'room' || item.room_arn !== room.arn;",
      },
    ],
    scenario: 'sweep-while-undecided',
    violation: /^I7: .* the room does not exist/,
  },
  M_ACKLOST: {
    takenOut: 'a message whose claim was lost is acknowledged, because the claim has a new owner',
    cuts: [
      {
        file: 'provisioning/process-batch.ts',
        find: "return outcome.kind === 'postponed' ||",
        replacement: "return (outcome.kind === 'postponed' && outcome.reason !== 'lease-lost') ||",
      },
    ],
    scenario: 'lost-lease-is-not-acknowledged',
    violation: /^I3: request 0 is acknowledged without a completion/,
  },
  M_NOFENCE: {
    takenOut: 'writes are not fenced at all',
    cuts: [
      {
        file: 'ledger/claim.ts',
        find: "const MINE = '#lease_token = :mine AND #version = :seen';",
        replacement: "const MINE = '(#lease_token <> :mine OR #version >= :seen)';",
      },
    ],
    scenario: 'zombie-comes-back-before-its-intent',
    violation: SECOND_ROOM,
  },
  M_TRUST0: {
    takenOut: 'a room that is not listed counts as absent',
    cuts: [{ file: 'provisioning/reconcile.ts', find: 'result.listedSinceMs >= settledAtMs', replacement: 'true' }],
    scenario: 'early-none-is-not-trusted',
    violation: SECOND_ROOM,
  },
  M_PUBFIRST: {
    takenOut: 'a room is published before the checkpoint',
    cuts: [
      {
        file: 'provisioning/decide.ts',
        find: 'await claim.decideRoom(room.arn, completion, nowMs);',
        replacement: `await publishCompletion(services, completion, job.message);
          await claim.decideRoom(room.arn, completion, nowMs);`,
      },
      {
        file: 'provisioning/decide.ts',
        find: "import { ownTags } from '../ledger/room-tags.ts';",
        replacement: `import { ownTags } from '../ledger/room-tags.ts';
          import { publishCompletion } from './publish-completion.ts';`,
      },
    ],
    scenario: 'same-id-after-takeover',
    violation: TWO_IDS,
  },
  M_LATECLEAR: {
    takenOut: 'a takeover clears the intent that it finds',
    cuts: [
      {
        file: 'ledger/claim-changes.ts',
        find: "remove: ['expires_at'],\n    values: {\n      ...valuesOf(claimant, lease),\n      ...otherHashes,",
        replacement:
          "remove: ['expires_at', 'create_started_at'],\n    values: {\n      ...valuesOf(claimant, lease),\n      ...otherHashes,",
      },
    ],
    scenario: 'takeover-keeps-the-intent',
    violation: SECOND_ROOM,
  },
};
