import { expect, test } from '@jest/globals';
import type { SentAnswer } from '../../../console/api/events.ts';
import { placeOf, placeOfNow } from '../../../console/page/events/axis.ts';
import { dayAfter, dayOf, rangeOf } from '../../../console/page/events/day.ts';
import { moveProblems } from '../../../console/page/events/move-problem.ts';
import { movedDay } from '../../../console/page/events/moved-day.ts';

const DAY = '2026-12-18';
const MINUTE_MS = 60_000;
const RANGE = rangeOf(DAY);
const at = (hours: number, minutes = 0) => RANGE.fromMs + (hours * 60 + minutes) * MINUTE_MS;
const NINE_TO_ONE = { fromMs: at(9), untilMs: at(13), labels: [] };

test('the present is shown to the minute, and only if the timeline contains it', () => {
  expect(placeOfNow(at(9, 53), NINE_TO_ONE, RANGE)).toBeCloseTo((53 / 240) * 100);
  expect(placeOfNow(at(8, 53), NINE_TO_ONE, RANGE)).toBeUndefined();
  expect(placeOfNow(at(13, 1), NINE_TO_ONE, RANGE)).toBeUndefined();
  // Control: a mark of an event at this time is at the edge.
  expect(placeOf(at(8, 53), NINE_TO_ONE)).toBe(0);
});

test('the present is not shown on another day, even if the timeline extends into today', () => {
  const evening = { fromMs: at(22), untilMs: at(26), labels: [] };
  expect(placeOfNow(at(23), evening, RANGE)).toBe(25);
  expect(placeOfNow(at(23), evening, rangeOf(dayAfter(DAY, 1)))).toBeUndefined();
});

test('when a move to another day is accepted, the page links to that day', () => {
  const sent: SentAnswer = {
    ...{ liveEventId: 'show', revision: 2, what: 'move', sentAtMs: at(8) },
    ...{ startsAtMs: at(26), outcome: { kind: 'accepted' } },
  };
  expect(movedDay(sent, DAY)).toBe(dayAfter(DAY, 1));
  expect(movedDay(sent, dayOf(at(26)))).toBeUndefined();
  expect(movedDay({ ...sent, outcome: { kind: 'refused', problems: [] } }, DAY)).toBeUndefined();
  expect(
    movedDay({ ...sent, outcome: { kind: 'cancelled' }, what: 'cancellation', startsAtMs: 0 }, DAY),
  ).toBeUndefined();
});

test('the problems of a move use the labels of the form, and appear beside their inputs', () => {
  const problems = ['startsAt', 'endsAt', 'releaseAfter', 'rooms[0].key'].map((path) => ({ path, message: 'is bad' }));
  const { ofStart, ofEnd } = moveProblems(problems);
  expect(ofStart.map(({ path }) => path)).toEqual(['New start', 'rooms[0].key']);
  expect(ofEnd.map(({ path }) => path)).toEqual(['New end', 'Release of the rooms']);
});
