import type { Meter } from '../lib/platform/meter.ts';

const nothing = () => undefined;

/** For tests that check outcomes and not metrics. */
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
