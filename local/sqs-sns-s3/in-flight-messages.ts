import type { InFlightMessage, SqsMessage } from './fauxqs.ts';

/** How far back "recent" reaches when consumers' time is shared out: older time counts for less and less. AWS does not say. */
const RECENT_MS = 60_000;
/** What nobody needs to know any more is forgotten as often. */
const FORGET_EVERY_MS = 10_000;
const NEGLIGIBLE_MS = 1;

interface Use {
  inFlight: number;
  /** Consumers' time, faded, as of `atMs`. */
  timeMs: number;
  atMs: number;
  /** When the newest of the received messages was sent. */
  newestSentMs: number;
}

/**
 * A queue's messages in flight by receipt handle, as fauxqs keeps them, which knows what each message group takes of the consumers. It
 * is a Map of its own because fauxqs ends flights in several places and tells nobody.
 */
export class InFlightMessages extends Map<string, InFlightMessage> {
  readonly #byGroup = new Map<string, Use>();
  readonly #whole: Use = { inFlight: 0, timeMs: 0, atMs: 0, newestSentMs: 0 };
  #forgotAtMs = 0;

  override set(receiptHandle: string, entry: InFlightMessage): this {
    this.delete(receiptHandle);
    this.#count(entry.message, 1);
    return super.set(receiptHandle, entry);
  }

  override delete(receiptHandle: string): boolean {
    const entry = this.get(receiptHandle);
    if (entry) this.#count(entry.message, -1);
    return super.delete(receiptHandle);
  }

  override clear(): void {
    for (const receiptHandle of [...this.keys()]) this.delete(receiptHandle);
  }

  /** How many messages of a group are in flight. */
  inFlightOf(group: string): number {
    return this.#byGroup.get(group)?.inFlight ?? 0;
  }

  /** A group's part of the time that consumers have recently had messages of this queue, 0 to 1. */
  shareOfRecentTime(group: string): number {
    const use = this.#byGroup.get(group);
    const wholeMs = timeUntil(this.#whole, Date.now());
    return use && wholeMs > 0 ? timeUntil(use, Date.now()) / wholeMs : 0;
  }

  /** When the newest message of a group was sent, of those that have lately been received; 0 if there is none. */
  newestSentMsOf(group: string): number {
    return this.#byGroup.get(group)?.newestSentMs ?? 0;
  }

  #count(message: SqsMessage, change: 1 | -1): void {
    const nowMs = Date.now();
    const group = groupOf(message);
    const use = this.#byGroup.get(group) ?? { inFlight: 0, timeMs: 0, atMs: nowMs, newestSentMs: 0 };
    use.newestSentMs = Math.max(use.newestSentMs, message.sentTimestamp);
    this.#byGroup.set(group, use);
    for (const each of [use, this.#whole]) {
      each.timeMs = timeUntil(each, nowMs);
      each.atMs = nowMs;
      each.inFlight += change;
    }
    if (nowMs - this.#forgotAtMs >= FORGET_EVERY_MS) this.#forget(nowMs);
  }

  #forget(nowMs: number): void {
    this.#forgotAtMs = nowMs;
    for (const [group, use] of this.#byGroup)
      if (use.inFlight === 0 && timeUntil(use, nowMs) < NEGLIGIBLE_MS) this.#byGroup.delete(group);
  }
}

/** Faded time with what has been added since: an exponentially weighted integral of the messages in flight. */
function timeUntil({ inFlight, timeMs, atMs }: Use, nowMs: number): number {
  const left = Math.exp((atMs - nowMs) / RECENT_MS);
  return timeMs * left + inFlight * RECENT_MS * (1 - left);
}

/** "Each message without a MessageGroupId is treated as belonging to its own distinct tenant." */
export function groupOf({ messageId, messageGroupId }: SqsMessage): string {
  return messageGroupId === undefined ? `message ${messageId}` : `group ${messageGroupId}`;
}
