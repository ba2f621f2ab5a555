import { crashBefore, late, lostAnswer, lostRequest, pausedAfter, pausedBefore } from '../directions.ts';
import type { Stage } from '../stage.ts';
import { type DirectedScenarios, HALL, LEASE_MS, MINUTE_MS, SECOND_MS, SETTLED_MS } from './common.ts';

/** This many other rooms with the same name fill more than the first page. */
const MORE_THAN_A_PAGE = 55;
/** Longer than an invocation: a worker that is paused for this long lists nothing more. */
const TOO_LONG_MS = 70 * SECOND_MS;

/** The room is created and its response is lost. When the settle time is over, the room is on the second page. */
async function roomOnTheSecondPage(stage: Stage) {
  const message = stage.send(HALL);
  stage.deliver(message, { CreateRoom: lostAnswer, ListRooms: lostRequest });
  await stage.pass(MINUTE_MS);
  await stage.makeOthers(HALL.name, MORE_THAN_A_PAGE);
  await stage.pass(SETTLED_MS);
  return message;
}

/** Scenarios of listings: several pages do not show one moment. */
export const LISTING_SCENARIOS: DirectedScenarios = {
  'room-moves-between-two-pages': {
    listingLagMs: 0,
    async play(stage) {
      const message = await roomOnTheSecondPage(stage);
      stage.deliver(message, { ListRooms: pausedAfter(TOO_LONG_MS) });
      await stage.pass(10 * SECOND_MS);
      stage.touch();
      await stage.pass(TOO_LONG_MS);
      // The worker continues with the second page, where the room was.
      stage.deliver(message);
    },
  },

  'room-moves-during-a-last-look': {
    listingLagMs: 0,
    async play(stage) {
      const message = await roomOnTheSecondPage(stage);
      stage.deliver(message, { ListRooms: pausedAfter(TOO_LONG_MS) });
      await stage.pass(10 * SECOND_MS);
      stage.touch();
      await stage.pass(SECOND_MS);
      await stage.makeOthers(HALL.name, MORE_THAN_A_PAGE);
      await stage.pass(TOO_LONG_MS);
      // The last look needs two pages, because so many rooms are new. Between the two pages, the room moves again.
      stage.deliver(message, { 'ListRooms 2': pausedAfter(TOO_LONG_MS) });
      await stage.pass(10 * SECOND_MS);
      stage.touch();
      await stage.pass(TOO_LONG_MS);
      stage.deliver(message);
    },
  },

  'move-is-listed-late': {
    async play(stage) {
      const message = await roomOnTheSecondPage(stage);
      stage.touch();
      await stage.pass(2 * SECOND_MS);
      await stage.makeOthers(HALL.name, MORE_THAN_A_PAGE);
      // The list shows none of this yet: the room is still on its second page.
      stage.deliver(message, { ListRooms: pausedAfter(TOO_LONG_MS) });
      await stage.pass(TOO_LONG_MS + 10 * SECOND_MS);
      // More rooms than a page are above the room, and all of them are older than the listing.
      stage.deliver(message);
    },
  },

  "another-request's-last-look": {
    listingLagMs: 0,
    async play(stage) {
      const early = stage.send(HALL, { idempotencyKey: 'early' });
      stage.deliver(early, { CreateRoom: lostAnswer, ListRooms: lostRequest });
      await stage.pass(10 * SECOND_MS);
      await stage.makeOthers(HALL.name, 50);
      await stage.pass(10 * MINUTE_MS);
      const later = stage.send(HALL, { idempotencyKey: 'later' });
      stage.deliver(later, { CreateRoom: lostRequest });
      await stage.pass(MINUTE_MS);
      await stage.makeOthers(HALL.name, 60);
      await stage.pass(SETTLED_MS);
      // Both requests share one listing. The later request needs two pages and a last look, and the earlier one a third page.
      stage.deliverTogether([later, early], { 'ListRooms 4': pausedBefore(10 * SECOND_MS) });
      await stage.pass(5 * SECOND_MS);
      stage.touch();
    },
  },

  'place-of-an-earlier-intent': {
    async play(stage) {
      const message = stage.send(HALL);
      stage.deliver(message, { CreateRoom: lostRequest });
      await stage.pass(MINUTE_MS);
      await stage.makeOthers(HALL.name, MORE_THAN_A_PAGE);
      await stage.pass(SETTLED_MS);
      stage.deliver(message, { ListRooms: pausedAfter(TOO_LONG_MS) });
      await stage.pass(TOO_LONG_MS + 10 * SECOND_MS);
      // There is no room, so the next intent is written. This call creates a room, and the worker crashes.
      stage.deliver(message, { CreateRoom: late(5 * MINUTE_MS), 'ListRooms 3': crashBefore });
      await stage.pass(LEASE_MS + 15 * SECOND_MS);
      stage.deliver(message);
    },
  },

  'refused-token-is-not-the-end': {
    listingLagMs: 0,
    async play(stage) {
      const message = await roomOnTheSecondPage(stage);
      stage.deliver(message, { ListRooms: pausedAfter(TOO_LONG_MS) });
      await stage.pass(TOO_LONG_MS + 10 * SECOND_MS);
      stage.refuseTokens();
      stage.deliver(message);
    },
  },
};
