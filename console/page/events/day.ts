/** A day in the time zone of the browser, as `2026-11-28`. */
export function dayOf(ms: number): string {
  return new Date(ms).toLocaleDateString('en-CA');
}

/** The first millisecond of a day, and that of the next day. On two days of the year, these are 23 or 25 hours apart. */
export function rangeOf(day: string): { fromMs: number; untilMs: number } {
  return { fromMs: startOf(day, 0), untilMs: startOf(day, 1) };
}

/** The day that is the given number of days later. */
export function dayAfter(day: string, days: number): string {
  return dayOf(startOf(day, days));
}

/** Whether a text from the address is a day. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(startOf(text, 0));
}

/** The hour and the minute: `20:15`. */
export function clockText(ms: number): string {
  return new Date(ms).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

/** The hour and the minute, with the date if it is another day. */
export function momentText(ms: number, day: string): string {
  return dayOf(ms) === day ? clockText(ms) : `${dayOf(ms)} ${clockText(ms)}`;
}

/** A point in time in the format of a `datetime-local` input. */
export function localInput(ms: number): string {
  return `${dayOf(ms)}T${new Date(ms).toLocaleTimeString('en-GB')}`;
}

/**
 * The point in time that a `datetime-local` input contains. The input has no milliseconds, and cannot distinguish the two occurrences of an
 * hour in autumn.
 * @param known points in time that were put into the input. If the input still shows one of them, that one is returned
 */
export function msOfInput(local: string, known: readonly (number | undefined)[]): number {
  const ms = new Date(local).getTime();
  return known.find((each) => each !== undefined && new Date(localInput(each)).getTime() === ms) ?? ms;
}

/** The name of the browser's time zone: `Europe/Berlin`. */
export const TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

function startOf(day: string, daysLater: number): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + daysLater).getTime();
}
