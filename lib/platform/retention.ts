const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The age at which a waiting message is parked, by queue. It is two days less than the queue's retention (infrastructure/queues.yml,
 * live-events.yml), so that the message is parked before SQS deletes it. The age counts from the time at which SQS accepted the message,
 * even in a dead-letter queue.
 */
export const PARKED_AFTER_MS = {
  lane: 8 * DAY_MS,
  liveEvents: 8 * DAY_MS,
  manifests: 3 * DAY_MS,
  rosters: 3 * DAY_MS,
  deadLetters: 12 * DAY_MS,
} as const;

/**
 * How many times a message is received before it moves to the dead-letter queue (maxReceiveCount). Only a message that crashes its function
 * may reach this limit. Waits are long enough not to use up the receives.
 */
export const MAX_RECEIVES = { lane: 239, liveEvents: 239, manifests: 119, rosters: 119 } as const;
