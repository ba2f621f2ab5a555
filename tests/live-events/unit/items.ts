import type { CancelledEvent, OpenedEvent, PendingEvent } from '../../../lib/live-events/live-event-item.ts';

/** The current time in these tests. */
export const NOW_MS = Date.parse('2026-12-18T12:00:00Z');
export const MINUTE_MS = 60_000;

const known = {
  schema_version: 1 as const,
  live_event_id: 'final',
  tenant: 'default',
  revision: 2,
  opened_revisions: new Set<number>(),
  sent_revisions: new Set<number>(),
  has_release: false,
};

const planned = {
  ...known,
  hash: 'hash',
  accepted_at: NOW_MS - 60 * MINUTE_MS,
  starts_at: NOW_MS + 120 * MINUTE_MS,
  opens_at: NOW_MS + 90 * MINUTE_MS,
  check_at: NOW_MS + 110 * MINUTE_MS,
  rooms_by_region: { 'eu-west-1': 1 },
  rooms: [{ key: 'a', room: {} }],
};

/** An event that was accepted an hour ago and starts in two hours, unless the changes say otherwise. */
export const pending = (changes: Partial<PendingEvent> = {}): PendingEvent => ({
  ...planned,
  live_state: 'pending',
  ...changes,
});

export const opened = (changes: Partial<OpenedEvent> = {}): OpenedEvent => ({
  ...planned,
  live_state: 'opened',
  opened_revisions: new Set([2]),
  opened_at: NOW_MS - MINUTE_MS,
  ready_by: NOW_MS,
  ...changes,
});

export const cancelled = (changes: Partial<CancelledEvent> = {}): CancelledEvent => ({
  ...known,
  live_state: 'cancelled',
  cancelled_at: NOW_MS,
  cancelled_revision: 3,
  starts_at: planned.starts_at,
  ...changes,
});
