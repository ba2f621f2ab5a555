/**
 * The share of the messages in flight, or of the consumers' time, above which a message group is a noisy neighbour:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
 */
const NOISY_SHARE = 0.1;
const NOISY_IN_FLIGHT = 30;
const QUIET_AFTER_MS = 5 * 60_000;
/** How far back the "recent" processing time reaches. The weight of older time decreases. AWS does not document the figure. */
const RECENT_MS = 60_000;
/** How often data that is no longer needed is removed. */
const FORGET_EVERY_MS = 10_000;
const NEGLIGIBLE_MS = 1;

interface Use {
  inFlight: number;
  /** The weighted processing time of the consumers, as of `atMs`. */
  timeMs: number;
  atMs: number;
  /** When the newest received message was sent. */
  newestSentMs: number;
}

/** The shares of a queue's consumers that its message groups use. */
export interface GroupUse {
  /** Records that a message is in flight from now on (1), or no longer in flight (-1). `sentMs` is when the message was sent. */
  count(group: string, sentMs: number, change: 1 | -1): void;
  inFlightOf(group: string): number;
  /** The groups that currently use too much. No other group can become noisy. */
  greedyGroups(): string[];
  /**
   * Whether a group with waiting messages is a noisy neighbour.
   * @param newestWaitingSentMs when the newest waiting message was sent
   */
  isNoisy(group: string, newestWaitingSentMs: number, wasNoisy: boolean): boolean;
}

/** @param now epoch milliseconds */
export function createGroupUse(now: () => number): GroupUse {
  const byGroup = new Map<string, Use>();
  const whole: Use = { inFlight: 0, timeMs: 0, atMs: 0, newestSentMs: 0 };
  let forgotAtMs = 0;

  function forget(nowMs: number): void {
    forgotAtMs = nowMs;
    for (const [group, use] of byGroup)
      if (use.inFlight === 0 && timeUntil(use, nowMs) < NEGLIGIBLE_MS) byGroup.delete(group);
  }

  return {
    count(group, sentMs, change) {
      const nowMs = now();
      const use = byGroup.get(group) ?? { inFlight: 0, timeMs: 0, atMs: nowMs, newestSentMs: 0 };
      use.newestSentMs = Math.max(use.newestSentMs, sentMs);
      byGroup.set(group, use);
      for (const each of [use, whole]) {
        each.timeMs = timeUntil(each, nowMs);
        each.atMs = nowMs;
        each.inFlight += change;
      }
      if (nowMs - forgotAtMs >= FORGET_EVERY_MS) forget(nowMs);
    },
    inFlightOf: (group) => byGroup.get(group)?.inFlight ?? 0,
    greedyGroups() {
      const nowMs = now();
      return [...byGroup].filter(([, use]) => takesTooMuch(use, whole, nowMs)).map(([group]) => group);
    },
    isNoisy(group, newestWaitingSentMs, wasNoisy) {
      const [nowMs, use] = [now(), byGroup.get(group)];
      const newestSentMs = Math.max(newestWaitingSentMs, use?.newestSentMs ?? 0);
      return (
        nowMs - newestSentMs < QUIET_AFTER_MS && (wasNoisy || (use !== undefined && takesTooMuch(use, whole, nowMs)))
      );
    },
  };
}

function takesTooMuch(use: Use, whole: Use, nowMs: number): boolean {
  return (
    (use.inFlight >= NOISY_IN_FLIGHT && use.inFlight > NOISY_SHARE * whole.inFlight) ||
    timeUntil(use, nowMs) > NOISY_SHARE * timeUntil(whole, nowMs)
  );
}

/** The processing time as of `nowMs`: an exponentially weighted integral of the number of messages in flight. */
function timeUntil({ inFlight, timeMs, atMs }: Use, nowMs: number): number {
  const left = Math.exp((atMs - nowMs) / RECENT_MS);
  return timeMs * left + inFlight * RECENT_MS * (1 - left);
}
