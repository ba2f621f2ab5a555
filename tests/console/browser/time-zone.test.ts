import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clientOf, eventAt } from '../programme.ts';
import { describePage } from './describe-page.ts';
import { type OpenPage, openPage } from './open-page.ts';

/** On this day, the hour from 02:00 to 03:00 occurs twice in Berlin. */
const DAY = '2030-10-27';
const SECOND_HALF_PAST_TWO = `${DAY}T01:30:00.250Z`;

describePage('the day on which the clocks are set back', () => {
  let open: OpenPage;

  beforeAll(async () => {
    open = await openPage({ timezoneId: 'Europe/Berlin' });
    const { schedule } = clientOf(open);
    await schedule(eventAt('night', Date.parse(SECOND_HALF_PAST_TWO), { endsAt: `${DAY}T03:30:00Z` }));
    await schedule(eventAt('last', Date.parse(`${DAY}T22:59:00Z`)));
    await open.page.goto(`${open.origin}/events?day=${DAY}&event=night`);
    await open.page.getByRole('link', { name: '02:30 night' }).waitFor();
  });

  afterAll(() => open.close());

  const before = (name: string) => timesOf(name).first().getAttribute('datetime');
  const after = (name: string) => timesOf(name).last().getAttribute('datetime');
  const timesOf = (name: string) =>
    open.page
      .getByRole('row')
      .filter({ has: open.page.getByRole('rowheader', { name }) })
      .locator('time');

  async function check(): Promise<void> {
    await open.page.getByRole('button', { name: 'Check the move' }).click();
    await open.page.getByRole('dialog').waitFor();
  }

  test('the list contains the events of all 25 hours of the day', async () => {
    await open.page.getByRole('link', { name: '23:59 last' }).waitFor();
  });

  test('a form that nobody has changed moves nothing', async () => {
    await open.page.getByRole('button', { name: 'Move…' }).click();
    await check();
    expect(await before('Starts')).toBe(SECOND_HALF_PAST_TWO);
    expect(await after('Starts')).toBe(SECOND_HALF_PAST_TWO);
    expect(await after('Ends')).toBe(await before('Ends'));
    await open.page.keyboard.press('Escape');
  });

  test('an event that is moved to an earlier hour keeps its duration', async () => {
    await open.page.getByLabel(/^New start/).fill(`${DAY}T01:30`);
    await check();
    expect(await after('Starts')).toBe('2030-10-26T23:30:00.000Z');
    // 1 h 59 min 59.75 s later, in the second hour after 02:00.
    expect(await after('Ends')).toBe(`${DAY}T01:29:59.750Z`);
    expect(open.complaints).toEqual([]);
  });
});
