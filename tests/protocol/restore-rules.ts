import { type Rule, SECOND_ROOM, TWO_IDS } from './rule.ts';

/** The rules for a ledger that was restored from a backup. */
export const RESTORE_RULES: Record<string, Rule> = {
  REBUILD: {
    takenOut: 'rooms whose keys have no item are left alone',
    cuts: [
      {
        file: 'ledger/rebuild-item.ts',
        find: "if (item === undefined) return 'missing';",
        replacement: "if (item === undefined) return 'known';",
      },
    ],
    scenario: 'key-claimed-after-the-backup',
    violation: SECOND_ROOM,
  },
  'AHEAD-intent': {
    takenOut: 'an undecided item of the backup is left alone',
    cuts: [{ file: 'ledger/rebuild-item.ts', find: "? 'known' : 'undecided'", replacement: "? 'known' : 'known'" }],
    scenario: 'room-made-after-the-backup',
    violation: SECOND_ROOM,
  },
  'AHEAD-generation': {
    takenOut: 'a failed item of the backup is left alone',
    cuts: [
      {
        file: 'ledger/rebuild-item.ts',
        find: "? 'known' : 'behind';\n  if",
        replacement: "? 'known' : 'known';\n  if",
      },
    ],
    scenario: 'key-claimed-again-after-the-backup',
    violation: SECOND_ROOM,
  },
  FIRST: {
    takenOut: 'an item without a payload belongs to no request',
    cuts: [
      {
        file: 'ledger/claim-changes.ts',
        find: 'AND attribute_not_exists(#payload_hash)',
        replacement: 'AND attribute_not_exists(#id)',
      },
    ],
    scenario: 'key-claimed-after-the-backup',
    violation: /^I4: the ledger has no room, and IVS Chat has arn/,
  },
  SAME: {
    takenOut: 'a rebuilt room is published as adopted',
    cuts: [
      {
        file: 'provisioning/fulfil-request.ts',
        find: "claim.item.rebuilt_from === arn ? 'created'",
        replacement: "claim.item.rebuilt_from === arn ? 'adopted'",
      },
    ],
    scenario: 'key-claimed-after-the-backup',
    violation: TWO_IDS,
  },
};
