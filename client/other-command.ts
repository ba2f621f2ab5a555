import { unwrap } from '../lib/contract/envelopes.ts';

/** The kind of a message, and the command that sends it. Undefined for any other message. */
export function commandFor(body: string): { what: string; command: 'send' | 'schedule' | 'bulk' } | undefined {
  const { payload = {} } = unwrap(body);
  if ('liveEventId' in payload) return { what: 'a live event', command: 'schedule' };
  if ('idempotencyKey' in payload) return { what: 'a room request', command: 'send' };
  if ('room' in payload && 'key' in payload) return { what: 'a row of a manifest', command: 'bulk' };
  return undefined;
}
