import { type IncomingMessage, problemsIn, readMessage } from '../../lib/contract/read-message.ts';

export const DAY_MS = 24 * 60 * 60 * 1000;
export const SENT_MS = Date.parse('2026-11-02T09:00:00Z');
export const DEFAULTS = {
  region: 'eu-west-1',
  requestMaxAgeMs: DAY_MS,
  releases: true,
  nowMs: SENT_MS + 1000,
} as const;
export const REQUEST = { idempotencyKey: 'k', room: {} };

export function read(body: unknown, message: Partial<IncomingMessage> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return readMessage({ body: text, sentTimestampMs: SENT_MS, isFromRoster: true, ...message }, DEFAULTS);
}

/** The problems of a message, as `path: message` lines. */
export function problems(body: unknown): string[] {
  const message = read(body);
  return problemsIn(message).map((problem) => `${problem.path}: ${problem.message}`);
}

export function eventBridge(detail: unknown, members: object = {}) {
  return { 'detail-type': 'Room Requested', source: 'x', detail, ...members };
}

export function cloudEvent(members: object) {
  return { specversion: '1.0', type: 'greenroom.room.requested.v1', id: '1', source: '/x', ...members };
}

export function sns(message: unknown, members: object = {}) {
  return { Type: 'Notification', Message: typeof message === 'string' ? message : JSON.stringify(message), ...members };
}
