import type { Meter } from '../lib/platform/meter.ts';
import type { QueueMeter } from '../lib/platform/queue-meter.ts';

const nothing = () => undefined;

/** For tests that check outcomes and not metrics. */
export const silentMeter: Meter = {
  noteSlot: nothing,
  countThrottle: nothing,
  countBreakerOpen: nothing,
  noteBreakerAge: nothing,
  countPulledBack: nothing,
  countPublishFailure: nothing,
  countFailure: nothing,
  noteCompletion: nothing,
  noteOldest: nothing,
  publish: nothing,
};

/** A silent meter for the functions that handle rosters. */
export const silentQueueMeter: QueueMeter = {
  noteOldest: nothing,
  countPublishFailure: nothing,
  noteOverdueReminders: nothing,
  publish: nothing,
};
