import { durationMs, durationSchema } from '../lib/contract/duration.ts';

const PLACEHOLDER = /\{\{now(?:\+([A-Z0-9]+))?\}\}/g;

/**
 * Replaces every `{{now}}` in a string with the current time, and, for example, every `{{now+PT45M}}` with the current time plus 45
 * minutes.
 */
export function withPresentTimes(text: string, now: Date): string {
  return text.replaceAll(PLACEHOLDER, (whole, duration?: string) => {
    if (duration === undefined) return now.toISOString();
    if (!durationSchema.safeParse(duration).success) return whole;
    return new Date(now.getTime() + durationMs(duration)).toISOString();
  });
}
