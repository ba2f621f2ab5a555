import { describe, expect, test } from '@jest/globals';
import { createTurnLead, firstLead, LONGEST_LEAD_MS, turnLeadMs } from '../../lib/pace/turn-lead.ts';

const PREPARATION_MS = 100;
const INTERVAL_MS = 200;

/** The leads of a worker's slots, if its reservations take the given times. */
function leadsOf(durationsMs: readonly number[], first = firstLead(0)): number[] {
  const lead = createTurnLead(PREPARATION_MS);
  const bulk_rotation = new Set([1, 2]);
  let item = { free_at: 0, open_step: 0, bulk_rotation, bulk_lead: first.leadMs, bulk_lead_until: first.untilMs };
  return durationsMs.map((durationMs, index) => {
    const leadMs = turnLeadMs(item);
    const change = lead.next(item, index * INTERVAL_MS);
    if (change) item = { ...item, bulk_lead: change.leadMs, bulk_lead_until: change.untilMs };
    lead.note({ leadMs }, leadMs - durationMs);
    return leadMs;
  });
}

const times = (count: number, durationMs: number): number[] => Array(count).fill(durationMs);

describe('the lead of a turn', () => {
  test('begins with the longest one, and after four seconds is what quick reservations need', () => {
    const leads = leadsOf(times(30, 18));
    expect(leads.slice(0, 21)).toEqual(times(21, LONGEST_LEAD_MS));
    expect(leads.slice(21)).toEqual(times(9, PREPARATION_MS + 2 * 18));
  });

  test('becomes longer after a slow reservation, and stays so for 15 seconds', () => {
    const leads = leadsOf([18, 80, ...times(100, 18)], { leadMs: 136, untilMs: 0 });
    expect(leads.slice(0, 3)).toEqual([136, 136, 136]);
    expect(new Set(leads.slice(3, 78))).toEqual(new Set([PREPARATION_MS + 2 * 80]));
    expect(leads.at(-1)).toBe(136);
  });

  test('stays as it is while it is long enough, although it would now be chosen longer', () => {
    expect(new Set(leadsOf(times(40, 22), { leadMs: 136, untilMs: 0 }))).toEqual(new Set([136]));
  });

  test('is never longer than the longest one', () => {
    expect(leadsOf([18, 5_000, 5_000, 5_000], { leadMs: 136, untilMs: 0 })).toEqual([136, 136, 136, LONGEST_LEAD_MS]);
  });

  test.each([
    [undefined, LONGEST_LEAD_MS],
    [-5, 0],
    [1e9, LONGEST_LEAD_MS],
  ])('of %p in the item is %p', (bulk_lead, ms) => {
    expect(turnLeadMs({ bulk_lead, bulk_rotation: new Set([1, 2]) })).toBe(ms);
  });

  test.each([
    [undefined, LONGEST_LEAD_MS],
    [[1], LONGEST_LEAD_MS],
    [[1, 2], 136],
  ])('is short only if at least two workers wait for further slots: %j', (seats, ms) => {
    expect(turnLeadMs({ bulk_lead: 136, bulk_rotation: seats && new Set(seats) })).toBe(ms);
  });
});
