import { type Rule, SECOND_ROOM } from './rule.ts';

export const WITHDRAWN = /^R1: .* although the wish was withdrawn/;
export const TOO_EARLY = /^R1: .* before its time/;
const NO_WISH = /^R1: .* without a wish/;
const NEVER_RELEASED = /^R5: a room exists at the end, although its release is due/;

const VERSIONED_WISH = [
  {
    file: 'ledger/wish-changes.ts',
    find: 'set: SET_WISH,\n    values: { ...valuesOf(wish), in_progress',
    replacement:
      "set: { ...SET_WISH, version: '#version + :one' },\n    values: { ...valuesOf(wish), one: 1, in_progress",
  },
];

/** The rules of section 12 of docs/protocol/release.md that determine which wish an item contains, and whether the wish applies. */
export const WISH_RULES: Record<string, Rule> = {
  RANK: {
    takenOut: 'the wish that arrives last wins',
    cuts: [
      {
        file: 'contract/release-wish.ts',
        find: 'return b === undefined || a.wishedAtMs > b.wishedAtMs;',
        replacement: 'return true;',
      },
      {
        file: 'ledger/wish-changes.ts',
        find: '#release_wished_at < :wished_at ',
        replacement: '#release_wished_at <> :wished_at ',
      },
    ],
    scenario: 'older-wish-arrives-last',
    violation: WITHDRAWN,
  },
  TIE: {
    takenOut: 'of two wishes of one moment, the one that arrives last wins',
    cuts: [
      {
        file: 'contract/release-wish.ts',
        find: 'return a.releaseAtMs > b.releaseAtMs;',
        replacement: 'return a.releaseAtMs !== b.releaseAtMs;',
      },
      {
        file: 'ledger/wish-changes.ts',
        find: '#release_wished_at = :wished_at AND #release_at < :at',
        replacement: '#release_wished_at = :wished_at AND #release_at <> :at',
      },
    ],
    scenario: 'two-wishes-of-one-moment',
    violation: WITHDRAWN,
  },
  APART: {
    takenOut: 'a wish increases the version',
    cuts: VERSIONED_WISH,
    scenario: 'wish-arrives-before-the-intent',
    violation: SECOND_ROOM,
  },
  // The code publishes only what the item contains, so that the room is not published without a decision as in the model.
  'APART-checkpoint': {
    takenOut: 'a wish increases the version, and arrives before the checkpoint',
    cuts: VERSIONED_WISH,
    scenario: 'wish-arrives-before-the-checkpoint',
    violation: /^a bug: .*The claim has no decision/s,
  },
  HOLD: {
    takenOut: 'the wish for an unknown key is confirmed, but not stored',
    cuts: [
      {
        file: 'ledger/store-wish.ts',
        find: 'const result = await ledger.writeItem(forKey.ledgerKey, change);',
        replacement: `const isKnown = isClaimed(item);
          const never = 'attribute_exists(#claim_id) AND attribute_not_exists(#claim_id)';
          const result = await ledger.writeItem(forKey.ledgerKey, isKnown ? change
            : { ...change, condition: change.condition.replace('attribute_not_exists(#claim_id)', never) });
          if (!result.written && result.item === undefined)
            return { kind: 'stored', item: { release_at: stored.releaseAtMs, release_wished_at: stored.wishedAtMs, release_due_at: stored.dueAtMs } };`,
      },
    ],
    scenario: 'command-arrives-before-its-request',
    violation: NEVER_RELEASED,
  },
  LEAVE: {
    takenOut: 'acquire removes the wish, so that the own wish of the request replaces it',
    cuts: [
      {
        file: 'ledger/claim-changes.ts',
        find: "    remove: ['expires_at'],\n",
        replacement: "    remove: ['expires_at', 'release_at', 'release_wished_at', 'release_due_at'],\n",
      },
    ],
    scenario: 'keep-arrives-before-its-request',
    violation: WITHDRAWN,
  },
  CLEAR: {
    takenOut: 'acquire keeps the time to live of the wish',
    cuts: [{ file: 'ledger/claim-changes.ts', find: "    remove: ['expires_at'],\n", replacement: '' }],
    scenario: 'request-of-a-wish-that-expires',
    violation: /^R5: an item in progress is removed, and its intent is lost/,
  },
  MINE: {
    takenOut: 'a request stores its wish before it has the key',
    cuts: [
      {
        file: 'provisioning/fulfil-request.ts',
        find: '  const result = await withClaim(\n',
        replacement: '  await storeOwnWish(message, undefined, services);\n  const result = await withClaim(\n',
      },
      {
        file: 'provisioning/own-wish.ts',
        find: ', graceMs: 0, request: message };',
        replacement: ', graceMs: 0 };',
      },
    ],
    scenario: 'request-with-another-payload-has-a-wish',
    violation: NO_WISH,
  },
  AGAIN: {
    takenOut: 'a request that is answered with an earlier outcome does not store its wish',
    cuts: [
      {
        file: 'provisioning/fulfil-request.ts',
        find: 'await storeOwnWish(message, refusal.item, services);',
        replacement: '',
      },
    ],
    scenario: 'repeated-request-has-a-later-time',
    violation: TOO_EARLY,
  },
  'AGAIN-takeover': {
    takenOut: 'a request that takes over a claim does not store its wish',
    cuts: [
      {
        file: 'provisioning/fulfil-request.ts',
        find: 'if (job.message.wish) job.claim.noteWish',
        replacement: 'if (job.message.wish && job.claim.item.version === 1) job.claim.noteWish',
      },
    ],
    scenario: 'takeover-has-a-later-time',
    violation: TOO_EARLY,
  },
  ASKED: {
    takenOut: 'the wish of a redriven request counts as made when it is sent back',
    cuts: [
      {
        file: 'contract/read-message.ts',
        find: 'Math.min(arrivedAtMs, redriven?.wishedAtMs ?? arrivedAtMs, ...timesMs)',
        replacement: 'Math.min(arrivedAtMs, ...timesMs)',
      },
    ],
    scenario: 'old-wish-is-sent-back',
    violation: WITHDRAWN,
  },
  DUE: {
    takenOut: 'a request fails with release-due without a check of the wish',
    cuts: [
      {
        file: 'ledger/claim.ts',
        find: 'return this.#writeIfWishIsAsSeen({ condition: MINE_UNDECIDED, ...parts });',
        replacement: 'return this.#held.write({ condition: MINE_UNDECIDED, ...parts }).then(() => true);',
      },
    ],
    scenario: 'keep-arrives-before-release-due',
    violation: /^R4: failed: release-due, although the winning wish says otherwise/,
  },
  BOUND: {
    takenOut: 'the wish of a failed generation applies to the next one',
    cuts: [
      {
        file: 'ledger/wish.ts',
        find: 'return begunAfterMs === undefined || wishedAtMs > begunAfterMs;',
        replacement: 'return true;',
      },
      {
        file: 'ledger/release-changes.ts',
        find: 'AND (attribute_not_exists(#begun_after) OR #begun_after < :wished_at) ',
        replacement: '',
      },
    ],
    scenario: 'corrected-request-has-no-wish',
    violation: NO_WISH,
  },
  REACH: {
    takenOut: 'only wishes that were made after the failure apply',
    cuts: [
      {
        file: 'ledger/claim-changes.ts',
        find: 'Math.min(seen.decided_at, claimant.askedAtMs - 1)',
        replacement: 'seen.decided_at',
      },
    ],
    scenario: 'request-is-sent-back-after-a-command',
    violation: NEVER_RELEASED,
  },
  LIFT: {
    takenOut: 'the wish of a request that finds a later generation never applies',
    cuts: [
      {
        file: 'ledger/store-wish.ts',
        find: "request && !isMarked && isUnanswered(item, request) ? 'lift' :",
        replacement: '',
      },
    ],
    scenario: 'request-is-sent-back-after-another',
    violation: NEVER_RELEASED,
  },
  UNTIL: {
    takenOut: 'a stop counts as the answer to all requests that were sent before',
    cuts: [
      {
        file: 'ledger/claim-changes.ts',
        find: "...(!isStop && { answered_until: ':answered_until' }),",
        replacement: "answered_until: ':answered_until',",
      },
      {
        file: 'ledger/claim-changes.ts',
        find: '...(!isStop && { answered_until: seen.decided_at }),',
        replacement: 'answered_until: seen.decided_at,',
      },
    ],
    scenario: 'request-was-sent-before-a-stop',
    violation: NEVER_RELEASED,
  },
  ROW: {
    takenOut: 'the wish of a stopped row applies to a generation of another request',
    cuts: [
      {
        file: 'ledger/judge-item.ts',
        find: 'answeredUntilMs < request.sentAtMs && !isBoundByStop(item, request)',
        replacement: 'answeredUntilMs < request.sentAtMs',
      },
    ],
    scenario: 'stopped-row-is-delivered-twice',
    violation: NO_WISH,
  },
};
