import * as z from 'zod/mini';
import { expected } from './text.ts';

const DURATION = /^P(?=.)(?:(\d{1,4})D)?(?:T(?=.)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$/;

/** An ISO 8601 duration in days, hours, minutes and seconds. Weeks, months and fractions are not accepted. */
export const durationSchema = z
  .string({ error: expected('an ISO 8601 duration, such as PT30M') })
  .check(z.regex(DURATION, 'must be an ISO 8601 duration in days, hours, minutes and seconds, such as PT30M'));

/** @param duration one that `durationSchema` accepts @returns milliseconds */
export function durationMs(duration: string): number {
  const [, days = 0, hours = 0, minutes = 0, seconds = 0] = DURATION.exec(duration) ?? [];
  return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

/** Formats a duration as ISO 8601 in hours, minutes and seconds, rounded up to whole seconds. */
export function isoDuration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const parts = [
    [Math.floor(seconds / 3600), 'H'],
    [Math.floor(seconds / 60) % 60, 'M'],
    [seconds % 60, 'S'],
  ] as const;
  const shown = parts.flatMap(([amount, unit]) => (amount > 0 ? [`${amount}${unit}`] : []));
  return `PT${shown.join('') || '0S'}`;
}
