import type * as z from 'zod/mini';
import { type EventNames, type Unwrapped, unwrap } from './envelopes.ts';
import { canonicalJson, sha256 } from './keys.ts';
import {
  cancelledLiveEventSchema,
  dueLiveEventSchema,
  type ScheduledLiveEvent,
  scheduledLiveEventSchema,
} from './live-event.ts';
import { type LiveEventDefaults, type LiveEventTimes, planLiveEvent } from './live-event-plan.ts';
import type { LiveEventRelease } from './live-event-release.ts';
import { momentsAround } from './live-event-reminder.ts';
import { type Problem, problemsOf } from './problems.ts';

export const LIVE_EVENT_NAMES: EventNames = {
  detailTypes: ['Live Event Scheduled', 'Live Event Rescheduled', 'Live Event Cancelled'],
  cloudEventTypes: [
    'greenroom.live-event.scheduled.v1',
    'greenroom.live-event.rescheduled.v1',
    'greenroom.live-event.cancelled.v1',
  ],
  payload: 'the live event',
  lists: ['rooms'],
  template: (id) => `{ "liveEventId": "${id}", "revision": 1, "startsAt": …, "rooms": … }`,
};

/** The `type` of a bare message that a schedule sends. */
export const LIVE_EVENT_DUE = 'Live Event Due';
const BARE_TYPES = [...LIVE_EVENT_NAMES.detailTypes, LIVE_EVENT_DUE];

export type LiveEventOccasion = z.infer<typeof dueLiveEventSchema>['occasion'];

/** A revision of an event that can be accepted. */
export interface LiveEventPlan extends LiveEventTimes, LiveEventRelease {
  event: ScheduledLiveEvent;
  /**
   * The hash of the revision's fields as they are written, without the envelope. Earlier versions identify a revision by this hash alone,
   * so it is needed to recognise their items. `liveEventMeaning` identifies the content, regardless of how it is written.
   */
  hash: string;
}

/** The readable parts of a message that cannot be accepted. */
export interface UnusableLiveEvent {
  liveEventId: string;
  revision?: number;
  problems: Problem[];
  /** Present if the revision matches the schema. The hash shows whether an earlier version has accepted the revision. */
  hash?: string;
}

export type LiveEventMessage =
  /**
   * `overdue`: the problem that the start is in the past. It does not count if the revision was accepted before the start. `statedAtMs`: the
   * earliest time that the envelopes state.
   */
  | { kind: 'scheduled'; plan: LiveEventPlan; overdue: Problem[]; statedAtMs?: number }
  | { kind: 'cancelled'; liveEventId: string; revision: number; tenant: string }
  /** `moments`: the event's times when the schedule was created. They are needed if the event itself cannot be read. */
  | { kind: 'due'; liveEventId: string; revision: number; occasion: LiveEventOccasion; moments?: LiveEventTimes }
  | ({ kind: 'invalid' } & UnusableLiveEvent)
  | { kind: 'unparseable'; problems: Problem[] };

/** Reads a message about a live event. Returns its content, or all of its problems. It never throws, even if the body is unreadable. */
export function parseLiveEventMessage(body: string, defaults: LiveEventDefaults & { nowMs: number }): LiveEventMessage {
  const unwrapped = unwrap(body, LIVE_EVENT_NAMES);
  const { payload, eventName, envelope, notification, timesMs, problems: envelopeProblems, losses } = unwrapped;
  if (payload === undefined) return { kind: 'unparseable', problems: envelopeProblems };
  const { type: bareType = 'Live Event Scheduled', ...bareFields } = payload;
  const fields = envelope === 'bare' ? bareFields : payload;
  const type = envelope === 'bare' ? BARE_TYPES.find((each) => each === bareType) : eventName;
  const problems = [...envelopeProblems];
  if (type === undefined && envelope === 'bare')
    problems.push({ path: 'type', message: `must be ${BARE_TYPES.map((each) => JSON.stringify(each)).join(' or ')}` });
  const message = read(fields, kindOf(type), { problems, losses }, defaults);
  if (message.kind === 'scheduled' && timesMs.length > 0) return { ...message, statedAtMs: Math.min(...timesMs) };
  const moments = message.kind === 'due' ? momentsAround(notification) : undefined;
  return message.kind === 'due' && moments !== undefined ? { ...message, moments } : message;
}

function read(
  fields: Record<string, unknown>,
  kind: 'scheduled' | 'cancelled' | 'due',
  { problems, losses }: Pick<Unwrapped, 'problems' | 'losses'>,
  defaults: LiveEventDefaults & { nowMs: number },
): LiveEventMessage {
  switch (kind) {
    case 'scheduled':
      return readScheduled(fields, [...problems, ...losses], defaults);
    case 'cancelled': {
      const { data, error } = cancelledLiveEventSchema.safeParse(fields);
      // Problems of the envelope do not matter if the cancellation itself is readable.
      if (data === undefined) return refuse(fields, [...problems, ...problemsOf(error, cancelledLiveEventSchema)]);
      const lost = losses.filter(({ path }) => Object.hasOwn(cancelledLiveEventSchema.shape, path));
      if (lost.length > 0) return refuse(fields, lost);
      const { liveEventId, revision, tenant = 'default' } = data;
      return { kind, liveEventId, revision, tenant };
    }
    case 'due': {
      const { data, error } = dueLiveEventSchema.safeParse(fields);
      const found = [...problems, ...(error ? problemsOf(error, dueLiveEventSchema) : [])];
      return data === undefined || found.length > 0 ? refuse(fields, found) : { kind, ...data };
    }
  }
}

function readScheduled(
  fields: Record<string, unknown>,
  envelopeProblems: Problem[],
  defaults: LiveEventDefaults & { nowMs: number },
): LiveEventMessage {
  const { data: event, error } = scheduledLiveEventSchema.safeParse(fields);
  const { times, release, problems } = planLiveEvent(fields, defaults);
  const overdue =
    times !== undefined && times.startsAtMs <= defaults.nowMs
      ? [{ path: 'startsAt', message: `is in the past: ${new Date(times.startsAtMs).toISOString()}` }]
      : [];
  const found = [...envelopeProblems, ...(error ? problemsOf(error, scheduledLiveEventSchema) : []), ...problems];
  const hash = event && sha256(canonicalJson(event));
  if (event === undefined || hash === undefined || times === undefined || found.length > 0)
    return refuse(fields, [...found, ...overdue], hash);
  return { kind: 'scheduled', plan: { event, ...times, ...release, hash }, overdue };
}

/** A message with an unknown name counts as a scheduled event, so that all of its problems are found. */
function kindOf(type: string | undefined): 'scheduled' | 'cancelled' | 'due' {
  if (type === LIVE_EVENT_DUE) return 'due';
  return type?.toLowerCase().includes('cancelled') ? 'cancelled' : 'scheduled';
}

function refuse(fields: Record<string, unknown>, problems: Problem[], hash?: string): LiveEventMessage {
  const { shape } = scheduledLiveEventSchema;
  const liveEventId = shape.liveEventId.safeParse(fields.liveEventId).data;
  if (liveEventId === undefined) return { kind: 'unparseable', problems };
  const revision = shape.revision.safeParse(fields.revision).data;
  const known = { ...(revision !== undefined && { revision }), ...(hash !== undefined && { hash }) };
  return { kind: 'invalid', liveEventId, ...known, problems };
}
