import { durationMs, durationSchema } from '../lib/contract/duration.ts';

const PLACEHOLDER = /\{\{now(?:\+([A-Z0-9]+))?\}\}/g;

/** A text with the present time in the place of every `{{now}}`, and a later one in that of `{{now+PT45M}}`. */
export function withPresentTimes(text: string, now: Date): string {
  return text.replaceAll(PLACEHOLDER, (whole, duration?: string) => {
    if (duration === undefined) return now.toISOString();
    if (!durationSchema.safeParse(duration).success) return whole;
    return new Date(now.getTime() + durationMs(duration)).toISOString();
  });
}
