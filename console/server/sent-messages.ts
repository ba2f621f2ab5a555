import type { SentMessage } from '../api/requests.ts';

/** How many keys are remembered. */
const MAX_KEYS = 1_000;
/** How many messages of one key are remembered. */
const MAX_OF_KEY = 20;

interface SentBody extends SentMessage {
  body: string;
}

/** The messages that were sent from this console. greenroom itself stores no messages, so only these can be sent again unchanged. */
export interface SentMessages {
  note(key: string, message: SentBody): void;
  /** The oldest comes first. */
  of(key: string): readonly SentBody[];
}

export function createSentMessages(): SentMessages {
  const byKey = new Map<string, SentBody[]>();
  return {
    note(key, message) {
      const list = [...(byKey.get(key) ?? []), message].slice(-MAX_OF_KEY);
      byKey.delete(key);
      byKey.set(key, list);
      const [oldest] = byKey.keys();
      if (byKey.size > MAX_KEYS && oldest !== undefined) byKey.delete(oldest);
    },
    of: (key) => byKey.get(key) ?? [],
  };
}
