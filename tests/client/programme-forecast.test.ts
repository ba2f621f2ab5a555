import { describe, expect, test } from '@jest/globals';
import {
  type ForecastSettings,
  forecastProgramme,
  type ProgrammeEvent,
} from '../../client/operate/programme-forecast.ts';

const MINUTE = 60_000;
const SETTINGS: ForecastSettings = { nowMs: 0, callsPerSecond: 5 };

/** `count` events, one every `everySeconds`. The first one starts in an hour. */
function programme(count: number, everySeconds: number, rooms: number, leadMs: number): ProgrammeEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const startsAtMs = 60 * MINUTE + index * everySeconds * 1000;
    const checkAtMs = startsAtMs - Math.min(10 * MINUTE, leadMs / 2);
    return {
      name: `event-${index}`,
      startsAtMs,
      opensAtMs: startsAtMs - leadMs,
      checkAtMs,
      roomsByRegion: { 'eu-west-1': rooms },
    };
  });
}

const late = (events: ProgrammeEvent[], settings = SETTINGS) =>
  forecastProgramme(events, settings).events.filter(({ readyAtMs, startsAtMs }) => readyAtMs > startsAtMs).length;
const leadSeconds = (events: ProgrammeEvent[]) => Math.round(forecastProgramme(events, SETTINGS).neededLeadMs / 1000);

describe('the lead time that a programme needs', () => {
  test.each<[string, ProgrammeEvent[], number]>([
    ['for one event of 5 rooms is a second and the slack of a schedule', programme(1, 0, 5, 30 * MINUTE), 66],
    [
      'for 1,000 events of 5 rooms over 20 minutes is the same, because the quota suffices for each in time',
      programme(1000, 1.2, 5, 30 * MINUTE),
      66,
    ],
    [
      'for 1,000 such events with one start is the time of the quota for all of them',
      programme(1000, 0, 5, 30 * MINUTE),
      1005 + 65,
    ],
    [
      'for 1,000 such events over ten minutes is the time of the quota beyond these ten minutes',
      programme(1000, 0.6, 5, 30 * MINUTE),
      471,
    ],
  ])('%s', (_case, events, seconds) => {
    expect(Math.abs(leadSeconds(events) - seconds)).toBeLessThanOrEqual(2);
  });

  test('suffices, and a minute less does not suffice', () => {
    for (const events of [programme(300, 0, 5, 0), programme(300, 0.4, 5, 0), programme(40, 30, 200, 0)]) {
      const { neededLeadMs } = forecastProgramme(events, SETTINGS);
      const withLead = (leadMs: number) =>
        events.map((event) => ({ ...event, opensAtMs: event.startsAtMs - leadMs, checkAtMs: event.startsAtMs }));
      expect(late(withLead(neededLeadMs + 1))).toBe(0);
      expect(late(withLead(neededLeadMs - MINUTE))).toBeGreaterThan(0);
    }
  });

  test('is that of the slowest region, because each region has its own quota', () => {
    const [europe] = programme(1, 0, 500, 30 * MINUTE);
    const [both] = programme(1, 0, 600, 30 * MINUTE);
    if (!europe || !both) throw new Error('There are events');
    const events = [europe, { ...both, roomsByRegion: { 'us-east-1': 1000, 'eu-west-1': 5 } }];
    expect(forecastProgramme(events, SETTINGS)).toMatchObject({ slowestRegion: 'us-east-1' });
    expect(Math.abs(leadSeconds(events) - 266)).toBeLessThanOrEqual(2);
  });
});

describe('the forecast of late events', () => {
  test('has none if each event has the time that it needs', () => {
    expect(late(programme(1000, 1.2, 5, 5 * MINUTE))).toBe(0);
  });

  test('has the events that start first if all are received too late; the others catch up', () => {
    const settings = { ...SETTINGS, nowMs: 60 * MINUTE - 2_000 };
    const { events } = forecastProgramme(programme(1000, 1.2, 5, 30 * MINUTE), settings);
    const lateNames = events.filter(({ readyAtMs, startsAtMs }) => readyAtMs > startsAtMs).map(({ name }) => name);
    expect(lateNames).toEqual([]);
    const threeASecond = forecastProgramme(programme(1000, 1.2, 5, 30 * MINUTE), { ...settings, callsPerSecond: 3 });
    const lateThen = threeASecond.events.filter(({ readyAtMs, startsAtMs }) => readyAtMs > startsAtMs);
    expect(lateThen.length).toBeGreaterThan(900);
  });

  test('does not let an event that opens early overtake one that starts before it', () => {
    const [early, soon] = programme(2, 600, 1000, 30 * MINUTE);
    if (!early || !soon) throw new Error('There are events');
    const longLead = { ...soon, opensAtMs: early.opensAtMs };
    const { events } = forecastProgramme([longLead, early], SETTINGS);
    expect(events.map(({ name }) => name)).toEqual(['event-0', 'event-1']);
    expect(events[0]?.readyAtMs).toBeLessThan(events[1]?.readyAtMs ?? 0);
  });
});
