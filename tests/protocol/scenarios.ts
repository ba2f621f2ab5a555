import {
  crashAfter,
  crashBefore,
  late,
  lostAnswer,
  lostRequest,
  pausedAfter,
  pausedBefore,
  refused,
  throttled,
} from './directions.ts';
import type { Stage, StageOptions } from './stage.ts';

export interface DirectedScenario extends StageOptions {
  play(stage: Stage): Promise<void>;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

const HALL = { name: 'hall', tags: { event: 'final' } };
const HALL_ANEW = { name: 'hall', tags: { event: 'semi-final' } };
const STUDIO = { name: 'studio' };

/** A lease is over: function time-out, clock error, and a moment. */
const LEASE = 91 * SECOND;
/** Nothing that began before can have an effect any more. */
const SETTLED = 1_025 * SECOND;

/** Each tells how it comes about that a rule is needed. In comments: what is so with the rule. */
export const SCENARIOS: Record<string, DirectedScenario> = {
  'settle-covers-effect-plus-visibility': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { CreateRoom: late(895 * SECOND) });
      await stage.pass(930 * SECOND);
      // Effect and visibility, each for itself, would be over by now; the room is listed in 25 seconds.
      stage.deliver(message);
    },
  },

  'settle-covers-effect-plus-visibility-plus-skew': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { CreateRoom: late(895 * SECOND) });
      await stage.pass(940 * SECOND);
      stage.deliver(message, {}, { skewMs: 29 * SECOND });
    },
  },

  'paused-between-intent-and-send': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { sign: pausedBefore(SETTLED + MINUTE) });
      await stage.pass(SETTLED);
      stage.deliver(message);
    },
  },

  'clock-read-before-listing': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { CreateRoom: late(898 * SECOND) });
      await stage.pass(954 * SECOND);
      // Asked four seconds before the room is listed; the answer is read when all bounds are passed.
      stage.deliver(message, { ListRooms: pausedAfter(40 * SECOND) }, { skewMs: 29 * SECOND });
    },
  },

  'late-clear-write': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { CreateRoom: throttled, clear: late(15 * SECOND), 'CreateRoom 2': crashAfter });
      await stage.pass(LEASE);
      stage.deliver(message);
    },
  },

  'late-acquire-write': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { acquire: late(130 * SECOND), intent: pausedBefore(150 * SECOND) });
      await stage.pass(LEASE);
      // It releases its claim before the late acquire comes, which then revives the first worker's token.
      stage.deliver(message, { CreateRoom: lostAnswer });
    },
  },

  'in-progress-never-expires': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { CreateRoom: crashAfter });
      await stage.pass(61 * MINUTE);
      await stage.removeExpired();
      stage.deliver(message);
    },
  },

  'takeover-with-other-payload': {
    async play(stage) {
      const first = stage.send(HALL);
      const second = stage.send(STUDIO);
      stage.deliver(first, { CreateRoom: crashAfter });
      await stage.pass(SETTLED);
      stage.deliver(second);
    },
  },

  'expiry-while-intent-stands': {
    async play(stage) {
      const message = stage.send(HALL, { neededInMs: MINUTE });
      stage.deliver(message, { CreateRoom: crashAfter });
      await stage.pass(LEASE);
      stage.deliver(message);
    },
  },

  'failure-is-decided-before-published': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { CreateRoom: refused, Publish: crashAfter });
      await stage.pass(LEASE);
      // This time IVS Chat would not refuse.
      stage.deliver(message);
    },
  },

  'duplicate-after-freed-key': {
    async play(stage) {
      const first = stage.send(HALL);
      const duplicate = stage.send(HALL);
      stage.deliver(first, { CreateRoom: refused });
      await stage.pass(5 * SECOND);
      stage.deliver(duplicate);
    },
  },

  'retake-waits-for-complete': {
    async play(stage) {
      const first = stage.send(HALL);
      stage.deliver(first, { CreateRoom: refused, Publish: pausedBefore(30 * SECOND) });
      await stage.pass(5 * SECOND);
      stage.deliver(stage.send(HALL));
    },
  },

  'takeover-finishes-then-asks-for-itself': {
    async play(stage) {
      const first = stage.send(HALL);
      const second = stage.send(STUDIO);
      stage.deliver(second, { Publish: crashBefore });
      await stage.pass(LEASE);
      stage.deliver(first);
    },
  },

  'dead-letter-of-a-provisioned-key': {
    async play(stage) {
      const first = stage.send(HALL);
      const duplicate = stage.send(HALL);
      stage.deliver(first);
      await stage.pass(5 * SECOND);
      stage.deliver(duplicate, {}, { deadLetters: true });
    },
  },

  'sweep-after-ttl': {
    async play(stage) {
      stage.deliver(stage.send(HALL));
      await stage.pass(91 * DAY);
      await stage.removeExpired();
      // The room is still in use.
      stage.beginAnew();
      stage.deliver(stage.send(HALL));
      await stage.pass(MINUTE);
      stage.sweep();
    },
  },

  'late-room-of-earlier-generation': {
    listingLagMs: 40 * MINUTE,
    async play(stage) {
      const first = stage.send(HALL, { neededInMs: 10 * MINUTE });
      stage.deliver(first, { CreateRoom: crashAfter });
      await stage.pass(SETTLED);
      // Given up, although its room is there: the listing lags past every bound.
      stage.disregardRooms();
      stage.deliver(first);
      await stage.pass(MINUTE);
      const corrected = stage.send(HALL_ANEW);
      stage.deliver(corrected, { CreateRoom: lostRequest });
      await stage.pass(30 * MINUTE);
    },
  },

  'orphan-of-a-failed-key': {
    listingLagMs: 40 * MINUTE,
    async play(stage) {
      const message = stage.send(HALL, { neededInMs: 10 * MINUTE });
      stage.deliver(message, { CreateRoom: crashAfter });
      await stage.pass(SETTLED);
      stage.deliver(message);
      await stage.pass(MINUTE);
      stage.sweep();
      await stage.pass(MINUTE);
    },
  },

  'same-id-after-takeover': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { Publish: crashAfter });
      await stage.pass(LEASE);
      stage.deliver(message);
    },
  },

  'zombie-looks-before-it-deletes': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { checkpoint: lostAnswer });
      await stage.pass(2 * SECOND);
      // Its clock is wrong beyond the bound, so it takes over while the first one, at work, repeats its checkpoint.
      stage.deliver(message, {}, { skewMs: 2 * MINUTE });
    },
  },

  'one-send-per-invocation': {
    async play(stage) {
      stage.deliver(stage.send(HALL), { CreateRoom: lostAnswer });
    },
  },

  'sweep-while-undecided': {
    async play(stage) {
      stage.deliver(stage.send(HALL), { CreateRoom: pausedAfter(5 * SECOND) });
      await stage.pass(2 * SECOND);
      stage.sweep();
    },
  },

  'lost-lease-is-not-acknowledged': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { intent: pausedBefore(LEASE + 10 * SECOND) });
      await stage.pass(LEASE);
      stage.deliver(message, { intent: crashBefore });
    },
  },

  'zombie-comes-back-before-its-intent': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { intent: pausedBefore(LEASE + 10 * SECOND) });
      await stage.pass(LEASE);
      stage.deliver(message, { CreateRoom: crashAfter });
    },
  },

  'early-none-is-not-trusted': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { CreateRoom: late(5 * MINUTE) });
      await stage.pass(LEASE);
      stage.deliver(message);
    },
  },

  'checkpoint-before-publication': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { Publish: crashAfter });
      await stage.pass(LEASE);
      stage.deliver(message);
    },
  },

  'takeover-keeps-the-intent': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { CreateRoom: crashAfter });
      await stage.pass(LEASE);
      stage.deliver(message);
    },
  },
};
