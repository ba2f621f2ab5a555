import type { RequestState } from '../../../client/describe/request-state.ts';
import type { ExpectedAnswer } from '../../../client/operate/expected-answer.ts';
import type { RequestView } from '../../api/requests.ts';

/** What greenroom will do with a message, according to the ledger just before the message is sent. */
export const EXPECTED: Record<ExpectedAnswer, string> = {
  new: 'No request with this key is known: greenroom creates a room.',
  retry: 'An earlier request with this key failed: greenroom tries again.',
  'in-progress': 'greenroom is handling a request with this key: both get the same room.',
  replay: 'Replay: the key has this room already. greenroom publishes its completion again, and creates no room.',
  'other-payload': 'The key belongs to a request for another room: greenroom refuses this one. Use another key.',
  released: 'The room of this key was released: greenroom refuses the request. Use another key.',
  damaged: 'The ledger item of this key cannot be read: greenroom parks the request.',
  expired: 'The time by which the room was needed has passed: the request fails.',
};

/** The answers after which the request gets no room. */
export const REFUSALS: readonly ExpectedAnswer[] = ['other-payload', 'released', 'damaged', 'expired'];

const STATES: Record<RequestState, [string, 'good' | 'bad' | 'warn']> = {
  unknown: ['not in the ledger', 'warn'],
  'not-requested': ['not requested', 'warn'],
  damaged: ['damaged', 'bad'],
  'in-progress': ['in progress', 'warn'],
  decided: ['decided, not published yet', 'warn'],
  completed: ['completed', 'good'],
  released: ['released', 'warn'],
  'room-deleted': ['room deleted', 'bad'],
};

/** The state of a request in words, and the tone in which it is shown. */
export function stateWords({ state, completion }: RequestView): [string, 'good' | 'bad' | 'warn'] {
  if (completion?.data.outcome === 'failed' && state === 'completed') return ['failed', 'bad'];
  return STATES[state];
}

/** A message that was sent this recently may still be in its lane. */
const SETTLING_MS = 60_000;

/** Whether a request may change at any moment. */
export function isOpen({ state, sent, atMs }: RequestView): boolean {
  const last = sent.at(-1);
  if (last !== undefined && atMs - last.atMs < SETTLING_MS) return true;
  return ['unknown', 'in-progress', 'decided'].includes(state);
}
