import type * as z from 'zod';
import { type EventNames, unwrap } from './envelopes.ts';
import { canonicalJson, sha256 } from './keys.ts';
import {
  cancelledLiveEventSchema,
  dueLiveEventSchema,
  type ScheduledLiveEvent,
  scheduledLiveEventSchema,
} from './live-event.ts';
import { type LiveEventDefaults, type LiveEventTimes, planLiveEvent } from './live-event-plan.ts';
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
};

/** The `type` of a bare message that a schedule sends. */
export const LIVE_EVENT_DUE = 'Live Event Due';
const BARE_TYPES = [...LIVE_EVENT_NAMES.detailTypes, LIVE_EVENT_DUE];

export type LiveEventOccasion = z.infer<typeof dueLiveEventSchema>['occasion'];

/** A revision of an event that can be taken. */
export interface LiveEventPlan extends LiveEventTimes {
  event: ScheduledLiveEvent;
  /**
   * Of the text of the revision, without its envelope. The releases before this one know a revision by it alone, and their
   * items must be recognised: what a revision means is `liveEventMeaning`.
   */
  hash: string;
}

/** What can be read of a message that cannot be taken. */
export interface UnusableLiveEvent {
  liveEventId: string;
  revision?: number;
  problems: Problem[];
  /** Of a revision that is of the right form all the same, so that an item tells whether a release before has taken it. */
  hash?: string;
}

export type LiveEventMessage =
  /** `overdue`: what to say of a start in the past, unless it was taken when that still lay ahead. */
  | { kind: 'scheduled'; plan: LiveEventPlan; overdue: Problem[] }
  | { kind: 'cancelled'; liveEventId: string; revision: number; tenant: string }
  /** `moments`: as they were when the schedule was made; for the case that the event itself cannot be read. */
  | { kind: 'due'; liveEventId: string; revision: number; occasion: LiveEventOccasion; moments?: LiveEventTimes }
  | ({ kind: 'invalid' } & UnusableLiveEvent)
  | { kind: 'unparseable'; problems: Problem[] };

/** What a message says of a live event, or everything that is wrong with it. Never throws, whatever the body. */
export function parseLiveEventMessage(body: string, defaults: LiveEventDefaults & { nowMs: number }): LiveEventMessage {
  const { payload, eventName, envelope, notification, problems: envelopeProblems } = unwrap(body, LIVE_EVENT_NAMES);
  if (payload === undefined) return { kind: 'unparseable', problems: envelopeProblems };
  const { type: bareType = 'Live Event Scheduled', ...bareFields } = payload;
  const fields = envelope === 'bare' ? bareFields : payload;
  const type = envelope === 'bare' ? BARE_TYPES.find((each) => each === bareType) : eventName;
  const problems = [...envelopeProblems];
  if (type === undefined && envelope === 'bare')
    problems.push({ path: 'type', message: `must be ${BARE_TYPES.map((each) => JSON.stringify(each)).join(' or ')}` });
  const said = read(fields, kindOf(type), problems, defaults);
  const moments = said.kind === 'due' ? momentsAround(notification) : undefined;
  return said.kind === 'due' && moments !== undefined ? { ...said, moments } : said;
}

function read(
  fields: Record<string, unknown>,
  kind: 'scheduled' | 'cancelled' | 'due',
  problems: Problem[],
  defaults: LiveEventDefaults & { nowMs: number },
): LiveEventMessage {
  switch (kind) {
    case 'scheduled':
      return readScheduled(fields, problems, defaults);
    case 'cancelled': {
      const { data, error } = cancelledLiveEventSchema.safeParse(fields);
      // What is wrong with the envelope does not matter: that it calls the event off, and which one, was readable.
      if (data === undefined) return refuse(fields, [...problems, ...problemsOf(error)]);
      const { liveEventId, revision, tenant = 'default' } = data;
      return { kind, liveEventId, revision, tenant };
    }
    case 'due': {
      const { data, error } = dueLiveEventSchema.safeParse(fields);
      const found = [...problems, ...(error ? problemsOf(error) : [])];
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
  const { times, problems } = planLiveEvent(fields, defaults);
  const overdue =
    times !== undefined && times.startsAtMs <= defaults.nowMs
      ? [{ path: 'startsAt', message: `lies in the past: ${new Date(times.startsAtMs).toISOString()}` }]
      : [];
  const found = [...envelopeProblems, ...(error ? problemsOf(error) : []), ...problems];
  const hash = event && sha256(canonicalJson(event));
  if (event === undefined || hash === undefined || times === undefined || found.length > 0)
    return refuse(fields, [...found, ...overdue], hash);
  return { kind: 'scheduled', plan: { event, ...times, hash }, overdue };
}

/** What is not named as anything else is taken for a scheduled event, so that all that is wrong with it is found. */
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
