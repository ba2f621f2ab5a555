import { TOO_EARLY, WISH_RULES, WITHDRAWN } from './release-wish-rules.ts';
import type { Rule } from './rule.ts';

/** The rules of section 12 of docs/protocol/release.md that determine when a room is deleted, and what is announced. */
const RELEASER_RULES: Record<string, Rule> = {
  MARK: {
    takenOut: 'DeleteRoom is sent without the mark',
    cuts: [
      {
        file: 'releasing/release-room.ts',
        find: 'marked ??= wish && (await mark(room, wish, run));',
        replacement: 'marked ??= room;',
      },
    ],
    scenario: 'keep-arrives-between-look-and-mark',
    violation: WITHDRAWN,
  },
  ATOMIC: {
    takenOut: 'the mark relies on the wish that was read',
    // Both conditions test the wish of the item: a later time also moves `release_due_at`. Either of them protects the room.
    cuts: [
      {
        file: 'ledger/release-changes.ts',
        find: 'AND #release_at = :at AND #release_wished_at = :wished_at ',
        replacement: 'AND #release_at <> :wished_at AND #release_wished_at <> :at ',
      },
      {
        file: 'ledger/release-changes.ts',
        find: 'AND #release_due_at <= :due_until',
        replacement: 'AND (#release_due_at <= :due_until OR #release_due_at > :due_until)',
      },
    ],
    scenario: 'time-changes-before-the-mark',
    violation: TOO_EARLY,
  },
  LATE: {
    takenOut: 'a wish is stored after the mark',
    cuts: [
      {
        file: 'ledger/store-wish.ts',
        find: "return isMarked && outranks(wish, wishOf(item)) ? { kind: 'too-late', item } : undefined;",
        replacement: 'return undefined;',
      },
      {
        file: 'ledger/wish-changes.ts',
        find: ' AND attribute_not_exists(#release_marked_at)',
        replacement: '',
      },
    ],
    scenario: 'keep-arrives-after-the-mark',
    violation: /^R2: scheduled is the answer to a wish that came after the mark/,
  },
  MARGIN: {
    takenOut: 'a room is due by the clock of the worker, without the clock error',
    cuts: [
      {
        file: 'ledger/release-changes.ts',
        find: 'item.decided_at + listingLagMs) + clockErrorMs',
        replacement: 'item.decided_at + listingLagMs)',
      },
      {
        file: 'ledger/release-changes.ts',
        find: 'due_until: times.nowMs - times.clockErrorMs',
        replacement: 'due_until: times.nowMs',
      },
    ],
    scenario: 'releaser-with-a-fast-clock',
    violation: TOO_EARLY,
  },
  DONE: {
    takenOut: 'a room may be released as soon as it is decided',
    // Two guards: an item joins the due index only when it is completed, and the mark needs a completed item.
    cuts: [
      {
        file: 'ledger/claim.ts',
        find: "set: { decision: ':decision', room_arn: ':room_arn', completion: ':completion', decided_at: ':now' },\n      remove: ['listing'],\n      values: {",
        replacement: `set: { decision: ':decision', room_arn: ':room_arn', completion: ':completion', decided_at: ':now',
          release_shard: ':shard', release_look_at: ':now' },
          remove: ['listing'],
          values: { shard: releaseShard(this.item),`,
      },
      {
        file: 'ledger/claim.ts',
        find: "import { wishOf } from './wish.ts';",
        replacement: "import { releaseShard, wishOf } from './wish.ts';",
      },
      {
        file: 'ledger/release-changes.ts',
        find: "'#status = :completed AND #decision = :room",
        replacement: "'(#status = :completed OR #status <> :completed) AND #decision = :room",
      },
    ],
    scenario: 'owner-is-paused-before-it-publishes',
    violation: /^R3: released is published before provisioned/,
  },
  KEEP: {
    takenOut: 'a completed item with an open wish has a time to live',
    cuts: [
      {
        file: 'ledger/claim-changes.ts',
        find: ': indexParts(item, lookAtMs);',
        replacement: `: {
          set: { ...indexParts(item, lookAtMs).set, expires_at: ':expires_at' },
          values: { ...indexParts(item, lookAtMs).values, expires_at: expiresAt(times.nowMs, times) },
        };`,
      },
    ],
    scenario: 'release-after-the-retention-time',
    violation: /^R5: the item is removed while its room exists and its wish is open/,
  },
  SEEN: {
    takenOut: 'complete does not check the wish',
    cuts: [
      {
        file: 'ledger/claim.ts',
        find: 'if (await this.#writeIfWishIsAsSeen({ condition: MINE, ...parts })) return;',
        replacement: 'return await this.#held.write({ condition: MINE, ...parts });',
      },
    ],
    scenario: 'wish-arrives-before-complete',
    violation: /^R5: a room exists at the end, although its release is due/,
  },
  YOUNG: {
    takenOut: 'a room is released as soon as its wish is due',
    cuts: [
      {
        file: 'ledger/release-changes.ts',
        find: 'Math.max(wish.dueAtMs, item.decided_at + listingLagMs)',
        replacement: 'wish.dueAtMs',
      },
      {
        file: 'ledger/release-changes.ts',
        find: 'decided_until: times.nowMs - times.listingLagMs - times.clockErrorMs',
        replacement: 'decided_until: times.nowMs',
      },
    ],
    scenario: 'room-is-too-new-to-be-seen',
    violation: /^R3: released is published, but the room exists/,
  },
  STAY: {
    takenOut: 'the item leaves the due index before released is published',
    cuts: [
      {
        file: 'releasing/release-room.ts',
        find: '  await publishReleased(item, run);\n',
        replacement: '',
      },
      {
        file: 'releasing/release-room.ts',
        find: "  return { kind: 'released' };",
        replacement: "  await publishReleased(item, run);\n  return { kind: 'released' };",
      },
    ],
    scenario: 'releaser-crashes-before-it-announces',
    violation: /^R8: a room was released, but this was never announced/,
  },
  SPENT: {
    takenOut: 'a released key may be claimed again',
    cuts: [
      {
        file: 'ledger/judge-item.ts',
        find: "if (item.decision === 'room' && samePayload && isSpentFor(item, request)) return { kind: 'key-released', item };",
        replacement:
          "if (item.decision === 'room' && samePayload && item.released_at !== undefined) return { kind: 'retake', item };",
      },
      {
        file: 'ledger/claim-changes.ts',
        find: '#status = :completed AND #decision = :failed',
        replacement: '#status = :completed AND (#decision = :failed OR attribute_exists(#released_at))',
      },
    ],
    scenario: 'requests-after-the-release',
    violation: /^R10: another room for a key whose room was released/,
  },
};

/** The rules of section 12 of docs/protocol/release.md. */
export const RELEASE_RULES: Record<string, Rule> = Object.fromEntries(
  Object.entries({ ...RELEASER_RULES, ...WISH_RULES }).map(([name, rule]) => [`release.${name}`, rule]),
);
