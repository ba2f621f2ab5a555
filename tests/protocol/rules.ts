import { LISTING_RULES } from './listing-rules.ts';
import { RESTORE_RULES } from './restore-rules.ts';
import { type Rule, SECOND_ROOM, TWO_IDS } from './rule.ts';

/** The rules that docs/ledger.md names. */
export const RULES: Record<string, Rule> = {
  SETTLE: {
    takenOut: 'the settle time is the longer one of effect and visibility, not their sum',
    cuts: [
      {
        file: 'provisioning/reconcile.ts',
        find: 'intentMs + timing.settleMs',
        replacement: 'intentMs + Math.max(timing.signatureLifetimeMs, timing.listingLagMs)',
      },
    ],
    scenario: 'settle-covers-effect-plus-visibility',
    violation: SECOND_ROOM,
  },
  'SETTLE-skew': {
    takenOut: 'the settle time does not include the clock error',
    cuts: [
      {
        file: 'provisioning/reconcile.ts',
        find: 'intentMs + timing.settleMs',
        replacement: 'intentMs + timing.signatureLifetimeMs + timing.listingLagMs',
      },
    ],
    scenario: 'settle-covers-effect-plus-visibility-plus-skew',
    violation: SECOND_ROOM,
  },
  SIGN: {
    takenOut: 'CreateRoom is signed with the time at which it is sent',
    cuts: [
      { file: 'provisioning/sign-at-intent.ts', find: '{ ...options, signingDate }', replacement: 'options' },
      // The wait for the slot would also notice the pause unless the pause comes later, and so would the check of the pace, although it
      // accepts calls of a worker that is often late. Both are therefore cut.
      {
        file: 'provisioning/send-create-room.ts',
        find: "await clock.sleep(Math.max(0, slot.atMs - clock.nowMs()), invocation.signal);\n      if (services.pacer.isStopped(message.bulkJob)) return 'stopped';\n      if (regionClosedSince(job, slot)) return 'region-closed';\n      return services.pacer.isPunctual(slot, 'sending') ? 'send' : 'missed'",
        replacement: "return 'send'",
      },
    ],
    scenario: 'paused-between-intent-and-send',
    violation: SECOND_ROOM,
  },
  NOW: {
    takenOut: 'the clock is read after the listing',
    cuts: [
      {
        file: 'provisioning/reconcile.ts',
        find: 'if (result.listedSinceMs >= settledAtMs)',
        replacement: 'if (nowMs() >= settledAtMs)',
      },
    ],
    scenario: 'clock-read-before-listing',
    violation: SECOND_ROOM,
  },
  'CAS-clear': {
    takenOut: 'clearing an intent checks neither the version that was seen nor the intent itself',
    cuts: [
      {
        file: 'ledger/claim.ts',
        find: "AND #version = :seen';\nconst MINE_",
        replacement: "AND #version >= :seen';\nconst MINE_",
      },
      { file: 'ledger/claim.ts', find: '#create_started_at = :intent', replacement: '#create_started_at >= :intent' },
    ],
    scenario: 'late-clear-write',
    violation: SECOND_ROOM,
  },
  'CAS-acquire': {
    takenOut: 'writes are fenced only by the token',
    cuts: [
      {
        file: 'ledger/claim.ts',
        find: "AND #version = :seen';\nconst MINE_",
        replacement: "AND #version >= :seen';\nconst MINE_",
      },
    ],
    scenario: 'late-acquire-write',
    violation: SECOND_ROOM,
  },
  TTL: {
    takenOut: "an item in progress has a time to live, too: an hour, which is Powertools' default",
    cuts: [
      {
        file: 'ledger/claim-changes.ts',
        find: "version: 'if_not_exists(#version, :zero) + :one',",
        replacement: "version: 'if_not_exists(#version, :zero) + :one', expires_at: ':in_an_hour',",
      },
      {
        file: 'ledger/claim-changes.ts',
        find: 'zero: 0,',
        replacement: 'zero: 0, in_an_hour: Math.floor(lease.nowMs / 1000) + 3600,',
      },
      // It removes the time to live of a wish that was stored before the request.
      { file: 'ledger/claim-changes.ts', find: "    remove: ['expires_at'],\n", replacement: '' },
    ],
    scenario: 'in-progress-never-expires',
    violation: SECOND_ROOM,
  },
  OWNER: {
    takenOut: 'a request with another payload may take over an undecided item',
    cuts: [
      {
        file: 'ledger/claim-changes.ts',
        find: 'OR attribute_exists(#decision))',
        replacement: 'OR attribute_exists(#id))',
      },
    ],
    scenario: 'takeover-with-other-payload',
    violation: SECOND_ROOM,
  },
  RESOLVE: {
    takenOut: 'a request whose room is no longer needed is given up immediately',
    cuts: [
      {
        file: 'provisioning/fulfil-request.ts',
        find: 'if (intentMs !== undefined) {',
        replacement: 'if (intentMs !== undefined && !reasonToGiveUp(job)) {',
      },
    ],
    scenario: 'expiry-while-intent-stands',
    violation: /^I4: the ledger has no room, and IVS Chat has arn/,
  },
  DECIDE: {
    takenOut: 'a failure is published before it is stored',
    cuts: [
      {
        file: 'provisioning/decide.ts',
        find: 'return job.claim.decideFailed(failedCompletion({ ...decidedNow(job, nowMs), ...failed }), nowMs);',
        replacement: `const completion = failedCompletion({ ...decidedNow(job, nowMs), ...failed });
          return publishCompletion(job.services, completion, job.message).then(() =>
            job.claim.decideFailed(completion, nowMs));`,
      },
      {
        file: 'provisioning/decide.ts',
        find: "import { ownTags } from '../ledger/room-tags.ts';",
        replacement: `import { ownTags } from '../ledger/room-tags.ts';
          import { publishCompletion } from './publish-completion.ts';`,
      },
    ],
    scenario: 'failure-is-decided-before-published',
    violation: TWO_IDS,
  },
  FREE: {
    takenOut: 'a failed key is free for every message',
    cuts: [
      { file: 'ledger/judge-item.ts', find: ' && item.decided_at < request.sentAtMs', replacement: '' },
      { file: 'ledger/claim-changes.ts', find: ' AND #decided_at < :sent_at', replacement: '' },
      { file: 'ledger/claim-changes.ts', find: 'sent_at: claimant.sentAtMs,', replacement: '' },
    ],
    scenario: 'duplicate-after-freed-key',
    violation: /^I5: provisioned is published after failed, and the key was not requested again/,
  },
  STOP: {
    takenOut: 'the failure of a stopped job answers every request that was sent before it',
    cuts: [
      {
        file: 'ledger/judge-item.ts',
        find: 'if (isStopOfAnother(item, request)) return (item.answered_until ?? Number.NEGATIVE_INFINITY) < request.sentAtMs;',
        replacement: '',
      },
    ],
    scenario: 'row-is-stopped-and-another-request-waits',
    violation: /^I13: request 0 ends as stopped|^I3: request 0/,
  },
  'STOP-again': {
    takenOut: 'a row of a stopped job may claim its failed key again',
    cuts: [
      {
        file: 'ledger/judge-item.ts',
        find: 'if (isBoundByStop(item, request)) return false;',
        replacement:
          'if (isStopOfAnother(item, request) && request.bulkJob !== undefined) return item.decision === "failed" && item.decided_at + 0 < request.sentAtMs;',
      },
    ],
    scenario: 'stopped-row-is-sent-again',
    violation: /^I5: provisioned is published after failed, and the key was not requested again/,
  },
  'STOP-answered': {
    takenOut: 'a failure before the stop is forgotten',
    cuts: [
      {
        file: 'ledger/judge-item.ts',
        find: '(item.answered_until ?? Number.NEGATIVE_INFINITY) < request.sentAtMs',
        replacement: 'true',
      },
      {
        file: 'ledger/claim-changes.ts',
        find: ' AND (attribute_not_exists(#answered_until) OR #answered_until < :sent_at)',
        replacement: ' AND #decided_at <> :sent_at',
      },
    ],
    scenario: 'answered-request-after-a-stop',
    violation: /^I5: provisioned is published after failed, and the key was not requested again/,
  },
  'STOP-payload': {
    takenOut: 'the failure of a stopped job does not count for other payloads either',
    cuts: [
      {
        file: 'ledger/judge-item.ts',
        find: "return item.decision === 'failed' && isSamePayload(item, request) && isStopFailure",
        replacement: "return item.decision === 'failed' && isStopFailure",
      },
    ],
    scenario: 'other-payload-is-rejected-before-a-stop',
    violation: /^I5: request 1 was rejected, and gets a room/,
  },
  FINISH: {
    takenOut: 'a failed key may be claimed again as soon as the failure is decided',
    cuts: [
      {
        file: 'ledger/judge-item.ts',
        find: "if (item.status === 'INPROGRESS') return",
        replacement: "if (item.status === 'INPROGRESS' && !mayRetake(item, request)) return",
      },
      { file: 'ledger/claim-changes.ts', find: '#status = :completed AND #decision', replacement: '#decision' },
      { file: 'ledger/claim-changes.ts', find: "completed: 'COMPLETED',\n      failed:", replacement: 'failed:' },
    ],
    scenario: 'retake-waits-for-complete',
    violation: /^I5: failed is published after provisioned/,
  },
  'FINISH-own': {
    takenOut: "another payload's outcome that a worker finishes counts as the answer to its own request",
    cuts: [
      {
        file: 'provisioning/fulfil-request.ts',
        find: 'return isAnswerTo(result.item, message)',
        replacement: 'return true',
      },
    ],
    scenario: 'takeover-finishes-then-asks-for-itself',
    violation: /^I3: request 0 is acknowledged without a completion/,
  },
  DLQ: {
    takenOut: 'a dead letter is announced without the ledger',
    cuts: [
      {
        file: 'provisioning/process-message.ts',
        find: 'return fulfilRequest(toRequestMessage(read, record, invocation), invocation, services)',
        replacement: `return (invocation.deadLetters ? announceDeadLetter : fulfilRequest)(
            toRequestMessage(read, record, invocation), invocation, services)`,
      },
      {
        file: 'provisioning/process-message.ts',
        find: 'function respond(',
        replacement: `async function announceDeadLetter(message, _invocation, services) {
            const { idempotencyKey, payloadHash, region } = message;
            const completion = failedCompletion({
              stage: services.config.stage, idempotencyKey, payloadHash, region, tenant: 'default', generation: 0,
              decidedAtMs: services.clock.nowMs(), reason: 'dead-lettered', error: { name: '', message: '' }, retryable: true,
            });
            await publishCompletion(services, completion, message);
            return { kind: 'answered', how: 'failed', completionId: completion.id };
          }
          function respond(`,
      },
      {
        file: 'provisioning/process-message.ts',
        find: 'import { invalidCompletion }',
        replacement: 'import { failedCompletion, invalidCompletion }',
      },
    ],
    scenario: 'dead-letter-of-a-provisioned-key',
    violation: TWO_IDS,
  },
  'TAG-claim': {
    takenOut: 'a room belongs to a key even if the key has a new item',
    cuts: [{ file: 'ledger/is-extra-room.ts', find: ' || claim.claimId !== item.claim_id', replacement: '' }],
    scenario: 'sweep-after-ttl',
    violation: /^I7: a published room is deleted/,
  },
  'TAG-generation': {
    takenOut: 'a room of any generation is adopted',
    cuts: [
      {
        file: 'provisioning/find-room.ts',
        find: 'room.claimTag === claimTag',
        replacement: 'room.claimTag !== undefined',
      },
    ],
    scenario: 'late-room-of-earlier-generation',
    violation: /^I4: the completion of generation 1 contains a room that was created for another/,
  },
  'TAG-orphan': {
    takenOut: 'a room is extra only if the ledger names another room',
    cuts: [{ file: 'ledger/is-extra-room.ts', find: "item.decision === 'failed' || ", replacement: '' }],
    scenario: 'orphan-of-a-failed-key',
    violation: /^I4: the ledger has no room, and IVS Chat has arn/,
  },
  BODY: {
    takenOut: 'a worker that takes over a decided item creates a new completion',
    cuts: [
      {
        file: 'provisioning/fulfil-request.ts',
        find: 'if (job.claim.item.decision === undefined) await decide(job);',
        replacement: `const isFound = job.claim.item.decision === 'room';
          if (!isFound) await decide(job);`,
      },
      {
        file: 'provisioning/fulfil-request.ts',
        find: 'await publishDecided(job.claim.decided, job.message, job.services, job.invocation.signal);',
        replacement: `const { generation, completion } = job.claim.item;
          const id = completionId({ ...job.message, claimId: job.claim.item.claim_id, generation, outcome: 'adopted' });
          const anew = { ...completion, id, data: { ...completion.data, outcome: 'adopted' } };
          await publishDecided({ ...job.claim.decided, completion: isFound ? anew : completion }, job.message, job.services, job.invocation.signal);`,
      },
      {
        file: 'provisioning/fulfil-request.ts',
        find: "import { PREPARATION_MS } from '../pace/pacer.ts';",
        replacement:
          "import { completionId } from '../contract/completion-id.ts'; import { PREPARATION_MS } from '../pace/pacer.ts';",
      },
    ],
    scenario: 'same-id-after-takeover',
    violation: TWO_IDS,
  },
  ...LISTING_RULES,
  ...RESTORE_RULES,
};
