import type { Meter } from '../lib/platform/meter.ts';

const nothing = () => undefined;

/** For tests that look at outcomes, not at what is measured on the way. */
export const silentMeter: Meter = {
  noteSlot: nothing,
  countThrottle: nothing,
  countBreakerOpen: nothing,
  countPulledBack: nothing,
  countPublishFailure: nothing,
  noteAnswer: nothing,
  noteOldest: nothing,
  publish: nothing,
};
